import { join } from 'node:path'

/** Host path of the program that goes into the namespaces of a sandbox (guest/stage/enter.c), built beside the guest. */
export const ENTER = join(import.meta.dirname, '../../../build/guest/glovebox-enter')
