// Demo of the main job: a vulnerable private service is fixed in the sandbox, and a person gets the change.
import { glovebox, makePrivateRepository, note, PROJECT, startAfresh } from './demo/ground.ts'

const DATA = '.glovebox/demo'
const REPOSITORY = `${DATA}/storefront.git`

const CONFIGURATION = `# Made by the demo, which starts this folder afresh each time.
advisories: { kind: osv-directory, path: ../../examples/advisories/npm }
services: [demo]
# One account is everybody here: whoever runs the demo lets service:demo ask, and may approve what came of it.
policies: { enable: [own-automation] }
`

process.chdir(PROJECT)
await startAfresh(DATA, CONFIGURATION)
await makePrivateRepository(['examples/storefront'], REPOSITORY)
note(`The private repository is ${REPOSITORY}, made from examples/storefront.`)
const flags = process.argv.slice(2)
process.exitCode = await glovebox(
  ...['--data', DATA, 'run', 'fix-vulnerabilities', '--repo', REPOSITORY, '--as', 'service:demo'],
  ...flags,
)
