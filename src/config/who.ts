// Who acts: the account that the process runs under. Nothing that a caller can set (USER, SUDO_USER, LOGNAME) counts.
import { userInfo } from 'node:os'
import type { Actor } from '../domain/actor.ts'

const NAME = /^[A-Za-z0-9._@+-]{1,128}$/

export interface Account {
  uid: number
  /** null when the uid has no entry in the account database. */
  name: string | null
}

export function actingPerson(account: Account = currentAccount()): Actor {
  return { id: `user:${accountName(account)}` }
}

/** A name with other characters can't stand in an actor id; its uid is as unique. */
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
