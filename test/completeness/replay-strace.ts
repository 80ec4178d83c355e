// Converts strace's logs to an account. It shares no code with the guest: paths are those that strace decoded, working
// directories follow chdir and fork, and names change as calls succeed.
import { attributed, emptyAccount, isInWorkspace, move } from './account.ts'
import type { Account, FileList, Gathering, Program } from './account.ts'
import { decode, decodeList } from './strace-line.ts'
import type { Call, Decoded } from './strace-line.ts'
import { scriptArgv } from './script-argv.ts'
import type { WitnessedTree } from './witnessed-tree.ts'

export interface Entry extends Call {
  tid: number
}

const STRING = /^"/

interface Process {
  program: Program | null
  /** Whether it has executed a program; false: it is still a copy of its parent. */
  executed: boolean
  /** Its accesses since then, for its program. */
  accesses: { list: FileList; path: string }[]
}

interface Task {
  process: Process
  fs: { cwd: string }
  /** The last state of each descriptor that strace saw; the threads of a process share it. */
  descriptors: Map<number, Decoded>
}

export interface Testimony {
  account: Account
  /** Calls to execute a program that the kernel refused. */
  refusedPrograms: number
  /** Threads that were followed. */
  threads: number
}

/** Thrown if the machine reused a process id: strace's logs then mix two processes. */
export class NumberTakenAgain extends Error {}

export function replay(
  entries: readonly Entry[],
  argv: readonly string[],
  tree: WitnessedTree,
  head: (path: string) => string,
): Testimony {
  return new Replay(tree, head).run(entries, argv)
}

class Replay {
  readonly #tree: WitnessedTree
  readonly #head: (path: string) => string
  readonly #account: Gathering = emptyAccount()
  readonly #processes: Process[] = []
  readonly #tasks = new Map<number, Task>()
  #threads = 1
  #refused = 0

  constructor(tree: WitnessedTree, head: (path: string) => string) {
    this.#tree = tree
    this.#head = head
  }

  /** The workload begins with its first exec; the earlier calls belong to bubblewrap. */
  run(entries: readonly Entry[], argv: readonly string[]): Testimony {
    const wanted = JSON.stringify(argv)
    const start = entries.findIndex(
      ({ name, args, result }) => name === 'execve' && result === 0 && JSON.stringify(decodeList(args[1])) === wanted,
    )
    const first = entries[start]
    if (first === undefined) throw new Error('strace did not see the workload start')
    const process = this.#newProcess(null)
    this.#tasks.set(first.tid, { process, fs: { cwd: '/workspace' }, descriptors: new Map() })
    for (const entry of entries.slice(start)) {
      const task = this.#tasks.get(entry.tid)
      if (task) this.#apply(entry, task)
    }
    for (const process of this.#processes) this.#attribute(process)
    return { account: this.#account, refusedPrograms: this.#refused, threads: this.#threads }
  }

  #newProcess(program: Program | null): Process {
    const process: Process = { program, executed: false, accesses: [] }
    this.#processes.push(process)
    return process
  }

  #attribute({ program, accesses }: Process): void {
    for (const { list, path } of accesses.splice(0)) this.#account.byProgram.add(attributed(program, list, path))
  }

  #apply(call: Entry, task: Task): void {
    const { name, args, result } = call
    if (name === 'execve' || name === 'execveat') return this.#execute(call, task)
    if (result === null || result < 0) return
    switch (name) {
      case 'clone':
      case 'clone3':
      case 'fork':
      case 'vfork':
        return this.#fork(call, task)
      case 'unshare':
        task.fs = { ...task.fs }
        return
      case 'chdir':
        task.fs.cwd = this.#at(undefined, args[0], task, true)
        return
      case 'fchdir':
        task.fs.cwd = decode(args[0]).text
        return
      case 'memfd_create':
        return this.#remember(call, task)
      case 'open':
        return this.#open(call, task, args[1] ?? '')
      case 'creat':
        return this.#open(call, task, 'O_WRONLY|O_CREAT|O_TRUNC')
      case 'openat':
        return this.#open(call, task, args[2] ?? '')
      case 'openat2':
        return this.#open(call, task, /\bflags=([\w|]+)/.exec(args[2] ?? '')?.[1] ?? '')
      case 'truncate':
        return this.#note(task, 'written', this.#at(undefined, args[0], task, true))
      case 'mkdir':
      case 'mkdirat':
        return this.#create(task, this.#last(args, name === 'mkdirat', task), { kind: 'folder' })
      case 'mknod':
      case 'mknodat':
        return this.#create(task, this.#last(args, name === 'mknodat', task), { kind: 'file' })
      case 'symlink':
        return this.#create(task, this.#at(undefined, args[1], task, false), {
          kind: 'link',
          target: decode(args[0]).text,
        })
      case 'symlinkat':
        return this.#create(task, this.#at(args[1], args[2], task, false), {
          kind: 'link',
          target: decode(args[0]).text,
        })
      case 'rmdir':
      case 'unlink':
      case 'unlinkat':
        return this.#remove(task, this.#last(args, name === 'unlinkat', task))
      case 'link':
        return this.#link(task, this.#at(undefined, args[0], task, false), this.#at(undefined, args[1], task, false))
      case 'linkat': {
        const follow = args[4]?.includes('AT_SYMLINK_FOLLOW') ?? false
        return this.#link(task, this.#at(args[0], args[1], task, follow), this.#at(args[2], args[3], task, false))
      }
      case 'rename':
        return this.#rename(
          task,
          this.#at(undefined, args[0], task, false),
          this.#at(undefined, args[1], task, false),
          '',
        )
      case 'renameat':
      case 'renameat2':
        return this.#rename(
          task,
          this.#at(args[0], args[1], task, false),
          this.#at(args[2], args[3], task, false),
          args[4] ?? '',
        )
      default:
        throw new Error(`strace told of ${name}, which was not asked for`)
    }
  }

  #last(args: readonly string[], at: boolean, task: Task): string {
    return at ? this.#at(args[0], args[1], task, false) : this.#at(undefined, args[0], task, false)
  }

  /** The canonical path that a call names. `follow`: whether to follow a link in the last name; earlier ones always are. */
  #at(folder: string | undefined, path: string | undefined, task: Task, follow: boolean): string {
    const base = folder === undefined ? null : decode(folder)
    // strace reads the working directory from /proc, so it must match the directory that was followed here.
    if (base?.fd === -100 && base.text !== task.fs.cwd)
      throw new Error(`the witness lost track: ${task.fs.cwd} is ${base.text}`)
    const { text } = decode(path)
    const cwd = base === null || base.fd === -100 ? task.fs.cwd : base.text
    if (text === '') return cwd
    const number = /^\/(?:proc\/self|dev)\/fd\/(\d+)$/.exec(text)?.[1]
    if (number !== undefined && follow) {
      const behind = task.descriptors.get(Number(number))
      if (!behind) throw new Error(`the witness does not know descriptor ${number}`)
      return behind.text
    }
    return this.#tree.resolve(text, cwd, follow)
  }

  #fork({ args, name, result }: Call, task: Task): void {
    const flags = args.join(',')
    const sharesFs = name.startsWith('clone') && /\bCLONE_FS\b/.test(flags)
    const sharesFiles = name.startsWith('clone') && /\bCLONE_FILES\b/.test(flags)
    // The second process with this id has overwritten strace's log of the first.
    if (this.#tasks.has(result as number)) throw new NumberTakenAgain()
    this.#threads++
    const isThread = /\bCLONE_THREAD\b/.test(flags)
    this.#tasks.set(result as number, {
      process: isThread ? task.process : this.#newProcess(task.process.program),
      fs: sharesFs ? task.fs : { ...task.fs },
      descriptors: sharesFiles ? task.descriptors : new Map(task.descriptors),
    })
  }

  #execute({ name, args, result, became, tid }: Entry, task: Task): void {
    if (result !== 0) {
      this.#refused++
      return
    }
    if (became !== null) {
      this.#tasks.set(became, task)
      if (became !== tid) this.#tasks.delete(tid)
    }
    const at = name === 'execveat'
    const base = at ? decode(args[0]) : null
    const path = decode(args[at ? 1 : 0]).text
    // The name that the kernel passes to a script's interpreter for a program given by descriptor (do_open_execat, fs/exec.c).
    const spelled =
      base === null || base.fd === -100 || path.startsWith('/')
        ? path
        : `/dev/fd/${base.fd}${path === '' ? '' : `/${path}`}`
    const byNumber = /^\/(?:proc\/self|dev)\/fd\/(\d+)$/.exec(path)?.[1]
    const behind = path === '' ? base : byNumber === undefined ? null : task.descriptors.get(Number(byNumber))
    const file = behind?.text ?? this.#at(at ? args[0] : undefined, args[at ? 1 : 0], task, true)
    const given = { argv: decodeList(args[at ? 2 : 1]), spelled, file, deleted: behind?.deleted ?? false }
    const { argv, executable } = scriptArgv(given, this.#head, (path) => this.#tree.resolve(path, task.fs.cwd, true))
    const program = { argv, executable }
    this.#account.programs.push(program)
    if (task.process.executed) this.#attribute(task.process)
    task.process.program = program
    task.process.executed = true
  }

  #remember({ result, returned }: Call, task: Task): void {
    if (returned) task.descriptors.set(result as number, returned)
  }

  #open(call: Call, task: Task, flags: string): void {
    this.#remember(call, task)
    const has = (flag: string) => new RegExp(`\\b${flag}\\b`).test(flags)
    // Not a read or write: opened as a place only, or a file that never had a name (which the coverage report mentions).
    if (has('O_PATH') || has('O_DIRECTORY') || has('O_TMPFILE')) return
    if (call.returned === null) throw new Error(`strace did not say what ${call.args.join(', ')} opened`)
    const path = this.#nameOf(call.returned, call.args)
    if (!isInWorkspace(path) && !path.startsWith('/tmp/')) return
    const node = this.#tree.get(path)
    if (node?.kind === 'folder') return
    const isNew = has('O_CREAT') && node === null
    if (has('O_EXCL') && has('O_CREAT') && !isNew) throw new Error(`the witness lost track: ${path} was there already`)
    if (!has('O_CREAT') && node === null && !call.returned.deleted && isInWorkspace(path))
      throw new Error(`the witness lost track: ${path} came from nowhere`)
    if (isNew) this.#create(task, path, { kind: 'file' })
    // A file that this call creates is empty, so it is not read.
    if (!has('O_WRONLY') && !isNew) this.#note(task, 'read', path)
    if (has('O_WRONLY') || has('O_RDWR') || has('O_TRUNC')) this.#note(task, 'written', path)
  }

  /** strace treats every name that ends like the kernel's mark as marked, so check the arguments, too. */
  #nameOf({ text, deleted }: Decoded, args: readonly string[]): string {
    const marked = `${text} (deleted)`
    const isName =
      this.#tree.get(marked) !== null || args.some((arg) => STRING.test(arg) && decode(arg).text.endsWith(' (deleted)'))
    return deleted && isName ? marked : text
  }

  #create(task: Task, path: string, node: Parameters<WitnessedTree['add']>[1]): void {
    this.#tree.add(path, node)
    this.#note(task, 'created', path)
  }

  #remove(task: Task, path: string): void {
    this.#tree.remove(path)
    this.#note(task, 'removed', path)
  }

  #link(task: Task, from: string, to: string): void {
    this.#tree.link(from, to)
    this.#note(task, 'created', to)
  }

  #rename(task: Task, from: string, to: string, flags: string): void {
    if (flags.includes('RENAME_EXCHANGE')) {
      this.#tree.exchange(from, to)
      this.#renamed(task, from, to)
      this.#renamed(task, to, from)
    } else if (this.#tree.rename(from, to)) {
      this.#renamed(task, from, to)
      this.#followMoved(from, to)
    }
  }

  /** A working directory keeps its folder if a folder above it is renamed. */
  #followMoved(from: string, to: string): void {
    for (const { fs } of this.#tasks.values()) {
      if (fs.cwd === from || fs.cwd.startsWith(`${from}/`)) fs.cwd = to + fs.cwd.slice(from.length)
    }
  }

  #renamed(task: Task, from: string, to: string): void {
    if (isInWorkspace(from) || isInWorkspace(to)) this.#note(task, 'renamed', move(from, to))
  }

  #note({ process }: Task, list: FileList, path: string): void {
    if (list !== 'renamed' && !isInWorkspace(path)) return
    this.#account[list].add(path)
    process.accesses.push({ list, path })
  }
}
