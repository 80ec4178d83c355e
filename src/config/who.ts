// The acting person: the account of the process. Variables that a caller can set (USER, SUDO_USER, LOGNAME) do not count.
import { userInfo } from 'node:os'
import type { Actor } from '../domain/actor.ts'

const NAME = /^[A-Za-z0-9._@+-]{1,128}$/

export interface Account {
  uid: number
  /** null if the uid has no entry in the account database. */
  name: string | null
}

export function actingPerson(account: Account = currentAccount()): Actor {
  return { id: `user:${accountName(account)}` }
}

/** An actor id cannot contain every character of an account name; then the uid is used, which is also unique. */
function accountName({ uid, name }: Account): string {
  return name !== null && NAME.test(name) && !/^uid-\d+$/.test(name) ? name : `uid-${uid}`
}

function currentAccount(): Account {
  const uid = process.geteuid?.() ?? -1
  try {
    return { uid, name: userInfo().username }
  } catch {
    return { uid, name: null }
  }
}
