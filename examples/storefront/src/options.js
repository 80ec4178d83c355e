import minimist from 'minimist'

const DEFAULTS = { port: 8080, currency: 'EUR', debug: false }

/** What the command line says, over the defaults. */
export function readOptions(argv) {
  const { port, currency, debug } = minimist(argv, {
    default: DEFAULTS,
    string: ['currency'],
    boolean: ['debug'],
    alias: { p: 'port' },
  })
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port can't be ${port}`)
  return { port, currency, debug }
}
