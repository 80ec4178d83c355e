import { printable } from '../../domain/byte-text.ts'
import { authorityText } from './authority.ts'
import type { Tunnel } from './strict-request.ts'

const MAX_CHARS = 2048

/**
 * Text of a refused target for the record: bounded, printable, without anything that looks like credentials. `target`
 * is attacker-controlled.
 */
export function recordableUrl(target: string, tunnel: Tunnel | null): string {
  const text = tunnel === null ? withoutUserinfo(target) : `https://${authorityText(tunnel.authority)}${pathOf(target)}`
  const shown = printable(text.slice(0, MAX_CHARS))
  return text.length > MAX_CHARS ? `${shown}...` : shown
}

function pathOf(target: string): string {
  return target.startsWith('/') ? target : `/${withoutUserinfo(target)}`
}

/**
 * Removes the userinfo of absolute-form and authority-form: everything up to the last @ before path, query and
 * fragment.
 */
function withoutUserinfo(target: string): string {
  const [, scheme = '', authority = '', rest = ''] =
    /^((?:[a-z][a-z0-9+.-]*:)?[/\\]{2})?([^/?#\\]*)(.*)$/is.exec(target) ?? []
  return `${scheme}${authority.slice(authority.lastIndexOf('@') + 1)}${rest}`
}
