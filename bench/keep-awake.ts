// Processors that never halt. What wakes one that has halted costs little on bare metal and much in a virtual machine,
// where it goes through the hypervisor; a ratio of short work shows mostly that. With this the machine looks like one
// whose processors have something to do: a program on each that yields to whatever else wants to run (SCHED_IDLE). It
// is for rows of one process at a time: new ones start slower beside it, recorded or not, so that rows of many mean
// nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { BenchError } from './bench-error.ts'

export async function keepAwake(): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  for (const processor of processors()) {
    const argv = ['--idle', '0', 'taskset', '--cpu-list', String(processor), process.execPath, '--eval', 'for (;;);']
    const child = spawn('chrt', argv, { stdio: 'ignore' })
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw new BenchError('unavailable', `--awake needs chrt (util-linux): ${String(error)}`)
    }
    const over = once(child, 'exit')
    opening.defer(async () => {
      child.kill('SIGKILL')
      await over
    })
  }
  return opening.move()
}

/** Those that this process may run on, from a list such as `0-3,8`. */
function processors(): number[] {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}
