// Rotates the master key of a data folder again and again, and says so after each time.
import { ADA, openInstance } from './instance.ts'

const instance = await openInstance(process.argv[2] ?? '')
for (;;) {
  const { to } = await instance.credentials.stored.rotate(ADA)
  process.stdout.write(`${to}\n`)
}
