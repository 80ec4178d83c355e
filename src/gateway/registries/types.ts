// Interface for the registries of one ecosystem. A kind is a folder here and a row in open-registries.ts.
import type { AdvisorySource, AdvisoryUpstream } from '../../advisories/types.ts'
import type { Secret } from '../../credentials/types.ts'
import type { Outgoing } from '../../outgoing/settings.ts'
import type { GatewayLimits } from '../limits.ts'
import type { GatewayContext, GatewayService, TrustFile } from '../types.ts'

export interface RegistryServiceParts {
  context: GatewayContext
  /** Source of answers to advisory queries. */
  advisories: AdvisorySource
  limits?: Partial<GatewayLimits>
}

/** Paths inside a sandbox. */
export interface RegistryPlaces {
  /** The home folder, which is writable. */
  home: string
  /** Folder for the files of files() that have no fixed path. */
  config: string
}

export interface RegistryKind {
  /** Name in a task's `reach`, in policies (`context.service`) and in events (`service`). */
  readonly name: string
  /** Creates the service for its origins in one run. */
  service(parts: RegistryServiceParts): GatewayService
  /** Variables that point its programs inside to the operator's registries. */
  environment(places: RegistryPlaces): Readonly<Record<string, string>>
  /** Files for settings that no variable can express. */
  files(places: RegistryPlaces): readonly TrustFile[]
  /** Credentials that it adds on the far side, which must not reach the record. */
  readonly secrets: readonly Secret[]
  /** Absent: this kind of registry does not answer advisory queries. */
  readonly advisories?: AdvisoryUpstream
  /** Sends any request to the registry and describes what answered. Rejects when nothing answers. */
  answers(): Promise<string>
}

/** Result of a check for `glovebox doctor`. */
export interface RegistryProbe {
  name: string
  found: boolean
  detail: string
  cure: string | null
}

/** Entry of one ecosystem. The machine's configuration is read when the first run needs it. */
export interface RegistryRow {
  readonly name: string
  /** What the operator can do when it can't be opened or does not answer. */
  readonly cure: string
  /** Opens the kind, whose connections all runs share. Rejects with a GatewayError `bad-configuration`. */
  open(settings: RegistrySettings): Promise<RegistryKind & AsyncDisposable>
}

export interface RegistrySettings {
  /** Glovebox's own environment: PATH, HOME and the settings of the ecosystem's own programs. */
  environment: Readonly<Record<string, string | undefined>>
  outgoing: Outgoing
}
