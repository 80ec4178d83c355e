// Cost of recording: the same work in the same sandbox, with and without the recorder.
import { join } from 'node:path'
import { PROJECT_FOLDERS } from '../../src/config/project-folders.ts'
import { createNpmUpstream } from '../../src/gateway/registries/npm/upstream.ts'
import { openBox, prepareGround } from '../box.ts'
import type { Box } from '../box.ts'
import { measurePairs, ratios } from '../pairs.ts'
import type { RowGroup } from '../row.ts'
import { STOREFRONT } from '../storefront.ts'
import type { Workbench } from '../workbench.ts'
import { COMPILED, COMPILED_PARTS, INSTALL, WORKS } from '../works.ts'
import type { Work } from '../works.ts'

const GIVEN = '/opt/storefront'
const SOURCES = '/opt/compiled'
const PLACE = {
  cwd: `/workspace/${STOREFRONT.project}`,
  env: { npm_config_cache: `/workspace/${STOREFRONT.cache}`, [COMPILED]: SOURCES },
}

export const RECORD: readonly RowGroup[] = WORKS.map((work) => ({
  rows: [{ name: `record/${work.name}`, unit: 'ratio', meaning: `${work.meaning}; recorded : unrecorded` }],
  measure: async (bench, pairs) => [await measureWork(bench, pairs, work)],
}))

/** The recorded side does the runner's work: all output is kept, and all reports are durable before the step ends. */
async function measureWork(bench: Workbench, pairs: number, { argv, before, goes }: Work) {
  await using resources = new AsyncDisposableStack()
  const box = await boxWithStorefront(bench, resources)
  const prepare = async (): Promise<void> => void (before && (await box.unrecorded({ argv: before, ...PLACE })))
  const measured = await measurePairs(
    pairs * goes,
    {
      async measured() {
        await prepare()
        return box.recorded({ argv, ...PLACE })
      },
      async baseline() {
        await prepare()
        return box.unrecorded({ argv, ...PLACE })
      },
    },
    bench.signal,
  )
  return ratios(measured)
}

async function boxWithStorefront(bench: Workbench, resources: AsyncDisposableStack): Promise<Box> {
  const folder = await bench.storefront()
  const ground = await prepareGround(bench, resources.use(createNpmUpstream(await bench.npm())), resources)
  const sources = COMPILED_PARTS.map((part) => ({
    source: join(PROJECT_FOLDERS.root, part),
    target: `${SOURCES}/${part}`,
  }))
  const box = await openBox(bench, ground, [{ source: folder, target: GIVEN }, ...sources], resources)
  await box.unrecorded({
    argv: ['cp', '-R', `${GIVEN}/${STOREFRONT.project}`, `${GIVEN}/${STOREFRONT.cache}`, '/workspace'],
  })
  await box.unrecorded({ argv: INSTALL, ...PLACE })
  return box
}
