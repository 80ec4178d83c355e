import type { CREDENTIAL_ENDPOINTS } from '../contract/credentials.ts'
import type { Handlers } from './handler.ts'

export const CREDENTIAL_HANDLERS: Handlers<keyof typeof CREDENTIAL_ENDPOINTS> = {
  async listCredentials({ services, actor }) {
    return { credentials: [...(await services.listCredentials(actor))] }
  },
  setCredential: ({ services, actor, params, body }) => services.setCredential(actor, params.credential, body.value),
  async removeCredential({ services, actor, params }) {
    await services.removeCredential(actor, params.credential)
    return { removed: params.credential }
  },
  async rotateCredentials({ services, actor }) {
    const { from, to, credentials } = await services.rotateCredentials(actor)
    return { from: [...from], to, credentials }
  },
}
