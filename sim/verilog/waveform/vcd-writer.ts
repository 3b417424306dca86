import type { WaveSignal } from './sampler.ts'

const firstCode = 33
const codeCount = 94
const chunk = 2 ** 16

/** What a VCD file tells besides values. */
export interface VcdHeader {
  readonly top: string
  readonly comment: string
  readonly timescale: string
}

/**
 * Writes a value change dump (IEEE 1364-2005, 18.2), as GTKWave and Surfer read it: names in their scopes, one id for
 * all names of one signal, only changes.
 */
export class VcdWriter {
  readonly #write: (text: string) => void
  readonly #groups: readonly Group[]
  readonly #clock: Group | undefined
  readonly #before: Int32Array
  #text = ''
  #time = -1
  #shownTime = -1

  /**
   * @param write takes the text in pieces
   * @param words length of the sample arrays
   */
  constructor(
    header: VcdHeader,
    signals: readonly WaveSignal[],
    words: number,
    write: (text: string) => void,
  ) {
    this.#write = write
    this.#before = new Int32Array(words)
    const groups = new Map<string, Group>()
    const tree = new Scope()
    for (const { name, scope, width, clock, offset } of signals) {
      const key = `${offset} ${width}`
      let group = groups.get(key)
      if (!group) {
        group = { code: idCode(groups.size), offset, width, main: clock === 'main' }
        groups.set(key, group)
      }
      const prefix = scope.length === 0 ? 0 : scope.join('.').length + 1
      tree.at(scope).names.push({ name: name.slice(prefix), width, code: group.code })
    }
    this.#groups = [...groups.values()]
    this.#clock = this.#groups.find(({ main }) => main)
    this.#text += `$version gemgate $end\n$comment ${header.comment.replaceAll('$end', '')} $end\n`
    this.#text += `$timescale ${header.timescale} $end\n`
    this.#scope(header.top, tree)
    this.#text += '$enddefinitions $end\n'
  }

  /** All signals at the time of the first sample. */
  first(time: number, values: Int32Array): void {
    this.#time = time
    this.#stamp()
    this.#text += '$dumpvars\n'
    for (const group of this.#groups) this.#text += change(group, values)
    this.#text += '$end\n'
    this.#before.set(values)
  }

  /** Time goes on, in units of the timescale. */
  at(time: number): void {
    this.#time = time
  }

  /** The main clock rises or falls now, unless the test bench moves it itself: then the samples show it. */
  clock(level: 0 | 1, values: Int32Array): void {
    if (!this.#clock || values[this.#clock.offset] !== 0) return
    this.#stamp()
    this.#text += `${level}${this.#clock.code}\n`
  }

  /** Whether anything differs from the sample before. */
  differs(values: Int32Array): boolean {
    const before = this.#before
    for (let i = 0; i < before.length; i++) if (values[i] !== before[i]) return true
    return false
  }

  /** Writes what differs from the sample before. */
  sample(values: Int32Array): void {
    const before = this.#before
    for (const group of this.#groups) {
      const { offset, width } = group
      let same = values[offset] === before[offset]
      for (let i = 1; same && i * 32 < width; i++) same = values[offset + i] === before[offset + i]
      if (same) continue
      this.#stamp()
      this.#text += change(group, values)
      if (this.#text.length > chunk) this.#flush()
    }
    before.set(values)
  }

  /** The end of the last moment. */
  end(time: number): void {
    this.#time = time
    this.#stamp()
    this.#flush()
  }

  #stamp(): void {
    if (this.#shownTime === this.#time) return
    this.#text += `#${this.#time}\n`
    this.#shownTime = this.#time
  }

  #flush(): void {
    this.#write(this.#text)
    this.#text = ''
  }

  #scope(name: string, scope: Scope): void {
    this.#text += `$scope module ${printable(name)} $end\n`
    for (const { name: own, width, code } of scope.names) {
      const range = width === 1 ? '' : ` [${width - 1}:0]`
      this.#text += `$var wire ${width} ${code} ${printable(own)}${range} $end\n`
    }
    for (const [inner, content] of scope.scopes) this.#scope(inner, content)
    this.#text += '$upscope $end\n'
  }
}

interface Group {
  readonly code: string
  readonly offset: number
  readonly width: number
  readonly main: boolean
}

class Scope {
  readonly names: { readonly name: string; readonly width: number; readonly code: string }[] = []
  readonly scopes = new Map<string, Scope>()

  at(path: readonly string[]): Scope {
    const [first, ...rest] = path
    if (first === undefined) return this
    let inner = this.scopes.get(first)
    if (!inner) {
      inner = new Scope()
      this.scopes.set(first, inner)
    }
    return inner.at(rest)
  }
}

/** Escaped names keep their backslash, as in Verilog. */
function printable(name: string): string {
  return /^[A-Za-z_$][\w$]*(\[-?\d+\])*$/.test(name) ? name : `\\${name}`
}

function idCode(index: number): string {
  let code = ''
  let rest = index
  do {
    code += String.fromCharCode(firstCode + (rest % codeCount))
    rest = Math.floor(rest / codeCount)
  } while (rest > 0)
  return code
}

function change({ code, offset, width }: Group, values: Int32Array): string {
  if (width === 1) return `${values[offset]! & 1}${code}\n`
  let digits = ''
  for (let i = Math.ceil(width / 32) - 1; i >= 0; i--) {
    const word = (values[offset + i]! >>> 0).toString(2)
    digits += digits === '' ? (word === '0' ? '' : word) : word.padStart(32, '0')
  }
  return `b${digits === '' ? '0' : digits} ${code}\n`
}
