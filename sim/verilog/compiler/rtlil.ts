import { GemgateError } from '../../../src/core/errors.ts'
import { type Bits, concat, constantBits } from './bits.ts'

export type Direction = 'input' | 'output' | 'inout'

export interface Wire {
  readonly name: string
  readonly width: number
  /** Net number of bit 0; the others follow. */
  readonly base: number
  readonly direction: Direction | undefined
  readonly signed: boolean
  readonly initial: Bits | undefined
  readonly source: string | undefined
  /** Instance names from the top module down, and the wire's own name; undefined in the top module. */
  readonly path?: readonly string[] | undefined
}

export interface Cell {
  readonly type: string
  readonly name: string
  /** `file:line.column-line.column`, as Yosys writes it. */
  readonly source: string | undefined
  readonly parameters: ReadonlyMap<string, string>
  readonly ports: ReadonlyMap<string, Bits>
}

/** One flat RTLIL module at bit level. */
export interface Module {
  readonly name: string
  readonly wires: ReadonlyMap<string, Wire>
  readonly cells: readonly Cell[]
  /** Pairs (driven, driver) of equal width. */
  readonly connections: readonly (readonly [Bits, Bits])[]
  readonly netCount: number
}

interface OpenCell {
  type: string
  name: string
  source: string | undefined
  parameters: Map<string, string>
  /** Port tokens; wires may be declared later than they are used. */
  raw: [string, string[]][]
}

/** Parses the RTLIL text of one module that went through `proc` and `flatten`. */
export function parseRtlil(text: string): Module {
  return new Parser().parse(text)
}

class Parser {
  #name = ''
  #wires = new Map<string, Wire>()
  #cells: OpenCell[] = []
  #connections: string[][] = []
  #netCount = 0

  parse(text: string): Module {
    let attributes = new Map<string, string>()
    let cell: OpenCell | undefined
    let processDepth = 0
    let position = 0
    while (position < text.length) {
      let end = text.indexOf('\n', position)
      if (end < 0) end = text.length
      const line = text.slice(position, end).trim()
      position = end + 1
      if (line === '' || line.startsWith('#')) continue
      const keyword = line.slice(0, line.indexOf(' ') < 0 ? line.length : line.indexOf(' '))
      if (processDepth > 0 || keyword === 'process') {
        // proc leaves only processes that do nothing
        if (keyword === 'assign' || keyword === 'sync') throw malformed('a process is left after proc')
        if (keyword === 'process' || keyword === 'switch') processDepth++
        else if (keyword === 'end') processDepth--
        continue
      }
      if (keyword === 'attribute') {
        if (line.startsWith('attribute \\init ')) attributes.set('init', line.slice(16))
        else if (line.startsWith('attribute \\src ')) attributes.set('src', line.slice(16, -1))
        else if (line.startsWith('attribute \\hdlname ')) attributes.set('hdlname', line.slice(20, -1))
        continue
      }
      if (keyword === 'module') {
        if (this.#name !== '') throw malformed('more than one module is left after flatten')
        this.#name = line.slice(7)
      } else if (keyword === 'wire') {
        this.#wire(tokenize(line), attributes)
      } else if (keyword === 'cell') {
        const [, type, name] = tokenize(line)
        cell = { type: type!, name: name!, source: attributes.get('src'), parameters: new Map(), raw: [] }
        this.#cells.push(cell)
      } else if (keyword === 'parameter' && cell) {
        const tokens = tokenize(line)
        const at = tokens.findIndex((token, i) => i > 0 && token.startsWith('\\'))
        cell.parameters.set(tokens[at]!.slice(1), tokens[at + 1]!)
      } else if (keyword === 'connect') {
        const tokens = tokenize(line)
        if (cell) cell.raw.push([tokens[1]!.slice(1), tokens])
        else this.#connections.push(tokens)
      } else if (keyword === 'end') {
        cell = undefined
      }
      attributes = new Map()
    }
    return this.#finish()
  }

  #wire(tokens: string[], attributes: ReadonlyMap<string, string>): void {
    let width = 1
    let direction: Direction | undefined
    let signed = false
    for (let i = 1; i < tokens.length - 1; i++) {
      const token = tokens[i]
      if (token === 'width') width = Number(tokens[++i])
      else if (token === 'input' || token === 'output' || token === 'inout') {
        direction = token
        i++
      } else if (token === 'signed') signed = true
      else if (token === 'offset') i++
    }
    const name = tokens[tokens.length - 1]!
    const init = attributes.get('init')
    const initial = init === undefined ? undefined : constantBits(init)
    this.#wires.set(name, {
      name,
      width,
      base: this.#netCount,
      direction,
      signed,
      initial,
      source: attributes.get('src'),
      path: attributes.get('hdlname')?.split(' '),
    })
    this.#netCount += width
  }

  #finish(): Module {
    const connections = this.#connections.map((tokens): [Bits, Bits] => {
      const [driven, next] = this.#signal(tokens, 1)
      return [driven, this.#signal(tokens, next)[0]]
    })
    const cells = this.#cells.map(
      (cell): Cell => ({
        type: cell.type,
        name: cell.name,
        source: cell.source,
        parameters: cell.parameters,
        ports: new Map(cell.raw.map(([port, tokens]) => [port, this.#signal(tokens, 2)[0]])),
      }),
    )
    return { name: this.#name, wires: this.#wires, cells, connections, netCount: this.#netCount }
  }

  /** Reads one signal from the tokens; returns its bits and the index behind it. */
  #signal(tokens: readonly string[], start: number): [Bits, number] {
    let at = start
    let bits: Bits
    const first = tokens[at]!
    if (first === '{') {
      const parts: Bits[] = []
      at++
      while (tokens[at] !== '}') {
        const [part, next] = this.#signal(tokens, at)
        parts.push(part)
        at = next
      }
      at++
      bits = concat(...parts.reverse())
    } else if (first[0] === '\\' || first[0] === '$') {
      const wire = this.#wires.get(first)
      if (!wire) throw malformed(`the wire ${first} is used but not declared`)
      bits = Int32Array.from({ length: wire.width }, (_, i) => wire.base + i)
      at++
    } else {
      bits = constantBits(first)
      at++
    }
    while (at < tokens.length && tokens[at]!.startsWith('[')) {
      const [high, low = high] = tokens[at]!.slice(1, -1).split(':').map(Number)
      bits = bits.subarray(low, high! + 1)
      at++
    }
    return [bits, at]
  }
}

function malformed(what: string): GemgateError {
  return new GemgateError(
    'GG_VERILOG_PARSE',
    `Yosys gave RTLIL that cannot be read: ${what}`,
    'Report this design.',
  )
}

/** Splits at blanks, keeps quoted strings whole. */
function tokenize(line: string): string[] {
  const tokens: string[] = []
  let at = 0
  while (at < line.length) {
    if (line[at] === ' ') {
      at++
      continue
    }
    let end = at + 1
    if (line[at] === '"') {
      while (line[end] !== '"') end += line[end] === '\\' ? 2 : 1
      end++
    } else {
      while (end < line.length && line[end] !== ' ') end++
    }
    tokens.push(line.slice(at, end))
    at = end
  }
  return tokens
}

/** The value of an integer parameter; undefined bits count as 0. */
export function parameterNumber(cell: Cell, name: string): number {
  const token = cell.parameters.get(name)
  if (token === undefined) return 0
  const quote = token.indexOf("'")
  if (quote < 0) return Number(token)
  const digits = token.slice(quote + 1).replace(/^s/, '')
  return Number.parseInt(digits.replace(/[^01]/g, '0') || '0', 2)
}

/** A name as the user wrote it. */
export function plainName(name: string): string {
  return name.startsWith('\\') ? name.slice(1) : name
}
