// One ecosystem's registries behind the wall. A kind is a folder here and a row in open-registries.ts.
import type { AdvisorySource, AdvisoryUpstream } from '../../advisories/types.ts'
import type { Secret } from '../../credentials/types.ts'
import type { Outgoing } from '../../outgoing/settings.ts'
import type { GatewayLimits } from '../limits.ts'
import type { GatewayContext, GatewayService, TrustFile } from '../types.ts'

export interface RegistryServiceParts {
  context: GatewayContext
  /** What questions about advisories are answered from. */
  advisories: AdvisorySource
  limits?: Partial<GatewayLimits>
}

/** Where things lie inside a sandbox. */
export interface RegistryPlaces {
  /** The home folder, which is writable. */
  home: string
  /** The folder of files() that belong to nobody else. */
  config: string
}

export interface RegistryKind {
  /** What tasks call it in `reach`, policies in `context.service` and events in `service`. */
  readonly name: string
  /** What answers for its origins in one run. */
  service(parts: RegistryServiceParts): GatewayService
  /** Variables that lead its programs inside to the registries that the operator uses. */
  environment(places: RegistryPlaces): Readonly<Record<string, string>>
  /** Files that do the same where no variable can. */
  files(places: RegistryPlaces): readonly TrustFile[]
  /** The credentials that it adds on the far side, to be kept out of the record. */
  readonly secrets: readonly Secret[]
  /** Absent: this kind of registry answers no questions about advisories. */
  readonly advisories?: AdvisoryUpstream
  /** Asks the registry for anything at all, and says in words what answered. Rejects when nothing does. */
  answers(): Promise<string>
}

/** For `glovebox doctor`. */
export interface RegistryProbe {
  name: string
  found: boolean
  detail: string
  cure: string | null
}

/** How this machine is configured for one ecosystem; read when the first run needs it. */
export interface RegistryRow {
  readonly name: string
  /** What the machine's operator does when it can't be opened, or does not answer. */
  readonly cure: string
  /** Rejects with a GatewayError `bad-configuration`. Its connections are shared by all runs. */
  open(settings: RegistrySettings): Promise<RegistryKind & AsyncDisposable>
}

export interface RegistrySettings {
  /** The environment of Glovebox itself: PATH, HOME and the settings of the ecosystem's own programs. */
  environment: Readonly<Record<string, string | undefined>>
  outgoing: Outgoing
}
