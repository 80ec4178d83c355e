// A set of call indexes in insertion order, as a linked list. JavaScript's Set keeps holes for deleted elements, and
// every look at its first elements would skip all holes again.

interface Link {
  before: number | null
  after: number | null
}

export class LiveCalls implements Iterable<number> {
  readonly #links = new Map<number, Link>()
  #first: number | null = null
  #last: number | null = null

  get size(): number {
    return this.#links.size
  }

  add(call: number): void {
    if (this.#links.has(call)) return
    this.#links.set(call, { before: this.#last, after: null })
    if (this.#last === null) this.#first = call
    else this.#link(this.#last).after = call
    this.#last = call
  }

  delete(call: number): void {
    const link = this.#links.get(call)
    if (!link) return
    this.#links.delete(call)
    if (link.before === null) this.#first = link.after
    else this.#link(link.before).after = link.after
    if (link.after === null) this.#last = link.before
    else this.#link(link.after).before = link.before
  }

  *[Symbol.iterator](): Generator<number> {
    for (let call = this.#first; call !== null; call = this.#link(call).after) yield call
  }

  #link(call: number): Link {
    return this.#links.get(call) as Link
  }
}
