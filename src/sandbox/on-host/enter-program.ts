import { join } from 'node:path'

/** Host path of the program that enters a sandbox's namespaces (guest/stage/enter.c), built beside the guest. */
export const ENTER = join(import.meta.dirname, '../../../build/guest/glovebox-enter')
