// glovebox rerun
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { conductRun, leaveRun, needServer } from '../../progress/conduct-run.ts'
import { planDifferences } from '../../print/plan-differences.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

interface Options extends CommonOptions {
  sameCommit?: boolean
  detach?: boolean
}

export function registerRerun(registry: Registry, command: Command): void {
  addAction<[string], Options>(registry, command, ([reference], { sameCommit = false, detach = false, ...options }) =>
    withSession(registry.environment, { ...options, listen: !detach }, async (session) => {
      if (detach) needServer(session)
      const { client, note } = session
      const { run: earlier } = await client.getRun({ params: { run: reference } })
      const started = await client.rerunRun({ params: { run: earlier.id }, body: { sameCommit } })
      if (detach) return leaveRun(session, started)
      return conductRun(session, started, async () => {
        for (const line of await planDifferences(client, earlier.id, started.id)) note(line)
      })
    }),
  )
    .option('--same-commit', 'work on the same commit, not on the present commit of the ref')
    .option('--detach', 'leave the run to a running `glovebox serve`, and print how to follow it')
}
