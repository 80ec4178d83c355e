import { ratios } from '../pairs.ts'
import type { Pair } from '../pairs.ts'
import type { RowGroup } from '../row.ts'
import { measureStore } from '../store.ts'

const SIZE = { calls: 300, parallel: 50 }

export const STORE: RowGroup = {
  rows: [
    {
      name: 'store/events',
      unit: 'ratio',
      meaning: 'durable events per second, 50 at once : one at a time (more is better)',
    },
  ],
  async measure(bench, pairs) {
    const goes: Pair[] = []
    for (let turn = 0; turn < pairs; turn++) {
      bench.signal.throwIfAborted()
      const { parallelPerSecond, sequentialPerSecond } = await measureStore(bench.folder, SIZE)
      goes.push({ measured: parallelPerSecond, baseline: sequentialPerSecond })
    }
    return [ratios(goes)]
  },
}
