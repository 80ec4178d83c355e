// Rotates the master key of a data folder in a loop, and prints a line after each rotation.
import { ADA, openInstance } from './instance.ts'

const instance = await openInstance(process.argv[2] ?? '')
for (;;) {
  const { to } = await instance.credentials.stored.rotate(ADA)
  process.stdout.write(`${to}\n`)
}
