// Use cases: read changes and the open conditions of their gates.
import type { Answer, Call, Download } from '../../contract/call.ts'
import { authoriseList, type AuthoriseParts } from '../authorise.ts'
import { readPage } from '../read-page.ts'
import { downloadBlob } from '../runs/stored-results.ts'
import { describeChange, type DescribeParts } from './describe-change.ts'
import { authorisedChange, changeContext, changeEntity } from './find-change.ts'

export async function listChanges(parts: AuthoriseParts, call: Call<'listChanges'>): Promise<Answer<'listChanges'>> {
  const permitted = await authoriseList(parts, call)
  const { items, next } = await readPage(
    call.query,
    (page) => parts.store.changes.list(page),
    (change) => permitted(changeEntity(change), changeContext(change, null)),
  )
  return { changes: items, next }
}

export async function getChange(
  parts: AuthoriseParts & DescribeParts,
  call: Call<'getChange'>,
): Promise<Answer<'getChange'>> {
  const { change } = await authorisedChange(parts, call)
  return describeChange(parts, change)
}

export async function readDiff(parts: AuthoriseParts, call: Call<'readDiff'>): Promise<Download> {
  const { change } = await authorisedChange(parts, call)
  return downloadBlob(parts, { name: `${change.id}.diff`, digest: change.diff, run: change.run })
}
