import { type Expression, isConstant, unary, type WordType } from './expression.ts'
import type { Locals, Statement } from './statement.ts'

/** Growing byte buffer with the variable-length numbers of WebAssembly. */
class Bytes {
  #data = new Uint8Array(1 << 14)
  #length = 0

  byte(value: number): void {
    if (this.#length === this.#data.length) {
      const wider = new Uint8Array(this.#data.length * 2)
      wider.set(this.#data)
      this.#data = wider
    }
    this.#data[this.#length++] = value
  }

  unsigned(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  signed(value: bigint): void {
    let rest = value
    for (;;) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) {
        this.byte(low)
        return
      }
      this.byte(low | 0x80)
    }
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value)
    this.unsigned(bytes.length)
    this.append(bytes)
  }

  append(bytes: Uint8Array | readonly number[]): void {
    for (const value of bytes) this.byte(value)
  }

  get content(): Uint8Array {
    return this.#data.slice(0, this.#length)
  }
}

const typeCode = { 32: 0x7f, 64: 0x7e, 128: 0x7b } as const
const emptyType = 0x40
const [opIf, opLoop, opEnd, opCall, opBranchIf] = [0x04, 0x03, 0x0b, 0x10, 0x0d]
const [opGet, opSet, opTee, opSelect, opElse] = [0x20, 0x21, 0x22, 0x1b, 0x05]

/** Opcodes by operation: for operands of 32 and of 64 bits. */
const opcodes: Readonly<Record<string, readonly [number, number]>> = {
  eqz: [0x45, 0x50],
  eq: [0x46, 0x51],
  ne: [0x47, 0x52],
  ltS: [0x48, 0x53],
  ltU: [0x49, 0x54],
  leS: [0x4c, 0x57],
  leU: [0x4d, 0x58],
  popcnt: [0x69, 0x7b],
  add: [0x6a, 0x7c],
  sub: [0x6b, 0x7d],
  mul: [0x6c, 0x7e],
  divS: [0x6d, 0x7f],
  divU: [0x6e, 0x80],
  remS: [0x6f, 0x81],
  remU: [0x70, 0x82],
  and: [0x71, 0x83],
  or: [0x72, 0x84],
  xor: [0x73, 0x85],
  shl: [0x74, 0x86],
  shrS: [0x75, 0x87],
  shrU: [0x76, 0x88],
  wrap: [0xa7, 0xa7],
  extendSigned: [0xac, 0xac],
  extendUnsigned: [0xad, 0xad],
  sign8: [0xc0, 0xc2],
  sign16: [0xc1, 0xc3],
  sign32: [0xc4, 0xc4],
}

/** Behind the prefix of vector instructions: on four words of 32 bits. */
const vectorPrefix = 0xfd
const [vectorLoad, vectorStore] = [0x00, 0x0b]
const vectorCodes: Readonly<Record<string, number>> = {
  splat: 0x11,
  and: 0x4e,
  or: 0x50,
  xor: 0x51,
  shl: 0xab,
  shrS: 0xac,
  shrU: 0xad,
  add: 0xae,
  sub: 0xb1,
  mul: 0xb5,
}

const signedByteLoad = 0x2c
const loadCodes = {
  32: { 1: 0x2d, 2: 0x2f, 4: 0x28, 8: 0x28 },
  64: { 1: 0x31, 2: 0x33, 4: 0x35, 8: 0x29 },
} as const
const storeCodes = {
  32: { 1: 0x3a, 2: 0x3b, 4: 0x36, 8: 0x36 },
  64: { 1: 0x3c, 2: 0x3d, 4: 0x3e, 8: 0x37 },
} as const

export interface FunctionBody {
  readonly statements: readonly Statement[]
  readonly locals: Locals
}

/** The code of a design. */
export interface ModuleCode {
  /** Functions by name, without parameters or results. */
  readonly functions: ReadonlyMap<string, FunctionBody>
  readonly exports: readonly string[]
  /** Whether it imports `task(number)` from `gemgate`. */
  readonly callsTasks: boolean
  readonly memoryBytes: number
  /** What `run(cycles)`, at least one, calls: `begin` once, then `cycle` until the word at `stop` is not 0. */
  readonly run: { readonly begin?: string; readonly cycle: string; readonly stop?: number } | undefined
}

const [voidType, runType, taskType] = [0, 1, 2]

/** Encodes a module that exports `memory`, the functions named, and `run`, which returns the cycles done. */
export function encodeModule(design: ModuleCode): Uint8Array {
  const out = new Bytes()
  out.append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
  const section = (id: number, fill: (bytes: Bytes) => void) => {
    const bytes = new Bytes()
    fill(bytes)
    const { content } = bytes
    out.byte(id)
    out.unsigned(content.length)
    out.append(content)
  }
  const { functions, run } = design
  const names = [...(design.callsTasks ? ['task'] : []), ...functions.keys(), ...(run ? ['run'] : [])]
  const indexOf = (name: string) => names.indexOf(name)
  section(1, (bytes) => {
    bytes.append([3, 0x60, 0, 0])
    bytes.append([0x60, 1, typeCode[32], 1, typeCode[32]])
    bytes.append([0x60, 1, typeCode[32], 0])
  })
  if (design.callsTasks)
    section(2, (bytes) => {
      bytes.append([1])
      bytes.text('gemgate')
      bytes.text('task')
      bytes.append([0, taskType])
    })
  section(3, (bytes) => {
    bytes.unsigned(functions.size + (run ? 1 : 0))
    for (const _ of functions) bytes.byte(voidType)
    if (run) bytes.byte(runType)
  })
  section(5, (bytes) => {
    bytes.append([1, 0])
    bytes.unsigned(Math.max(1, Math.ceil(design.memoryBytes / 65536)))
  })
  section(7, (bytes) => {
    const exported = [...design.exports, ...(run ? ['run'] : [])]
    bytes.unsigned(exported.length + 1)
    bytes.text('memory')
    bytes.append([2, 0])
    for (const name of exported) {
      bytes.text(name)
      bytes.byte(0)
      bytes.unsigned(indexOf(name))
    }
  })
  section(10, (bytes) => {
    const bodies = [...functions.values()].map((body) => encodeFunction(body, indexOf))
    if (run) bodies.push(runBody(run, indexOf))
    bytes.unsigned(bodies.length)
    for (const body of bodies) {
      bytes.unsigned(body.length)
      bytes.append(body)
    }
  })
  return out.content
}

/** `run(n)`: cycles until n > 0 are done or something stops them; local 0 counts them. */
function runBody(
  { begin, cycle, stop }: NonNullable<ModuleCode['run']>,
  indexOf: (name: string) => number,
): Uint8Array {
  const bytes = new Bytes()
  const [limit, done] = [0, 1]
  bytes.append([1, 1, typeCode[32]])
  const call = (name: string) => {
    bytes.byte(opCall)
    bytes.unsigned(indexOf(name))
  }
  if (begin !== undefined) call(begin)
  bytes.append([opLoop, emptyType])
  call(cycle)
  bytes.append([opGet, done, 0x41, 1, opcodes['add']![0], opTee, done])
  bytes.append([opGet, limit, opcodes['ltU']![0]])
  if (stop !== undefined) {
    bytes.append([0x41, 0, loadCodes[32][4], 0])
    bytes.unsigned(stop)
    bytes.append([opcodes['eqz']![0], opcodes['and']![0]])
  }
  bytes.append([opBranchIf, 0, opEnd, opGet, done, opEnd])
  return bytes.content
}

function encodeFunction({ statements, locals }: FunctionBody, indexOf: (name: string) => number): Uint8Array {
  const code = new Bytes()
  const slots = { ...allocate(statements, locals), indexOf }
  for (const statement of statements) encodeStatement(statement, code, slots)
  code.byte(opEnd)
  const out = new Bytes()
  out.unsigned(3)
  for (const type of [32, 64, 128] as const) {
    out.unsigned(slots.counts[type])
    out.byte(typeCode[type])
  }
  out.append(code.content)
  return out.content
}

interface Slots {
  indexOf(functionName: string): number
  readonly counts: Record<WordType, number>
  slotOf(local: number): number
}

/** Locals whose lifetimes do not overlap share a slot; in a loop they last to its end. */
function allocate(statements: readonly Statement[], locals: Locals): Omit<Slots, 'indexOf'> {
  const lastUse = new Int32Array(locals.types.length).fill(-1)
  let time = 0
  const uses = (e: Expression | undefined): void => {
    if (!e) return
    if (e.operation === 'local') lastUse[e.local!] = time
    uses(e.a)
    uses(e.b)
    uses(e.c)
  }
  const events: number[][] = []
  const scan = (list: readonly Statement[]): void => {
    for (const statement of list) {
      const born: number[] = []
      events.push(born)
      if (statement.kind === 'if') uses(statement.condition)
      else if (statement.kind === 'storeAt') {
        uses(statement.offset)
        uses(statement.value)
      } else if (statement.kind === 'call') uses(statement.argument)
      else if (statement.kind === 'set' || statement.kind === 'store') uses(statement.value)
      if (statement.kind === 'set') {
        born.push(statement.local)
        lastUse[statement.local] = Math.max(lastUse[statement.local]!, time)
      }
      time++
      if (statement.kind === 'if') {
        scan(statement.body)
        scan(statement.otherwise)
      }
      if (statement.kind === 'repeat') {
        const start = time
        scan(statement.body)
        events.push([])
        uses(statement.condition)
        // what the body reads must last for its next turn
        for (const [index, at] of lastUse.entries()) if (at >= start) lastUse[index] = time
        time++
      }
    }
  }
  scan(statements)
  const slots = new Int32Array(locals.types.length).fill(-1)
  const counts: Record<WordType, number> = { 32: 0, 64: 0, 128: 0 }
  const free: Record<WordType, number[]> = { 32: [], 64: [], 128: [] }
  const dying: number[][] = Array.from({ length: time }, () => [])
  for (const [index, at] of lastUse.entries()) if (at >= 0) dying[at]!.push(index)
  for (let t = 0; t < time; t++) {
    // operands die before the result is born: `x = f(y)` may reuse the slot of y
    const release = (index: number) => free[locals.types[index]!].push(slots[index]!)
    const deaths = dying[t]!.filter((index) => slots[index]! >= 0)
    deaths.forEach(release)
    for (const index of events[t]!) {
      if (slots[index]! >= 0) continue
      const type = locals.types[index]!
      slots[index] = free[type].pop() ?? counts[type]++
      if (lastUse[index] === t) release(index)
    }
  }
  const first = { 32: 0, 64: counts[32], 128: counts[32] + counts[64] }
  return { counts, slotOf: (index) => slots[index]! + first[locals.types[index]!] }
}

function encodeStatement(statement: Statement, code: Bytes, slots: Slots): void {
  switch (statement.kind) {
    case 'set':
      encodeExpression(statement.value, code, slots)
      code.byte(opSet)
      code.unsigned(slots.slotOf(statement.local))
      return
    case 'store': {
      const { type } = statement.value
      code.append([0x41, 0])
      encodeExpression(statement.value, code, slots)
      if (type === 128) code.append([vectorPrefix, vectorStore, 0])
      else code.append([storeCodes[type][type === 64 ? 8 : 4], 0])
      code.unsigned(statement.address)
      return
    }
    case 'storeAt':
      encodeExpression(statement.offset, code, slots)
      encodeExpression(statement.value, code, slots)
      if (statement.bytes === 16) code.append([vectorPrefix, vectorStore, 0])
      else code.append([storeCodes[statement.value.type as 32 | 64][statement.bytes], 0])
      code.unsigned(statement.base)
      return
    case 'if': {
      const { condition } = statement
      const encodeAll = (list: readonly Statement[]) => {
        for (const inner of list) encodeStatement(inner, code, slots)
      }
      if (condition.operation === 'constant') {
        encodeAll(condition.value === 0n ? statement.otherwise : statement.body)
        return
      }
      const [test, negated] = plainTest(condition)
      const [body, otherwise] = negated
        ? [statement.otherwise, statement.body]
        : [statement.body, statement.otherwise]
      if (body.length === 0 && otherwise.length === 0) return
      encodeExpression(body.length === 0 ? unary('eqz', test) : test, code, slots)
      code.append([opIf, emptyType])
      encodeAll(body.length === 0 ? otherwise : body)
      if (body.length > 0 && otherwise.length > 0) {
        code.byte(opElse)
        encodeAll(otherwise)
      }
      code.byte(opEnd)
      return
    }
    case 'call':
      if (statement.argument) encodeExpression(statement.argument, code, slots)
      code.byte(opCall)
      code.unsigned(slots.indexOf(statement.function))
      return
    case 'repeat':
      code.append([opLoop, emptyType])
      for (const inner of statement.body) encodeStatement(inner, code, slots)
      encodeExpression(statement.condition, code, slots)
      code.append([opBranchIf, 0, opEnd])
      return
    case 'write':
      throw new Error('memory writes are expanded before encoding')
  }
}

/** A condition without comparison to zero (`if` takes any other value), and whether that inverted it. */
function plainTest(e: Expression): [Expression, boolean] {
  if (e.operation === 'ne' && e.a!.type === 32 && isConstant(e.b!, 0n)) return [e.a!, false]
  if (e.operation === 'eqz' && e.a!.type === 32) return [e.a!, true]
  return [e, false]
}

function encodeExpression(e: Expression, code: Bytes, slots: Slots): void {
  switch (e.operation) {
    case 'constant':
      code.byte(e.type === 64 ? 0x42 : 0x41)
      code.signed(e.value!)
      return
    case 'local':
      code.byte(opGet)
      code.unsigned(slots.slotOf(e.local!))
      return
    case 'load':
    case 'loadAt':
      if (e.operation === 'load') code.append([0x41, 0])
      else encodeExpression(e.a!, code, slots)
      if (e.type === 128) code.append([vectorPrefix, vectorLoad, 0])
      else if (e.signed) code.append([signedByteLoad, 0])
      else code.append([loadCodes[e.type][e.bytes as 1 | 2 | 4 | 8], 0])
      code.unsigned(e.address!)
      return
    case 'select':
      encodeExpression(e.a!, code, slots)
      encodeExpression(e.b!, code, slots)
      encodeExpression(e.c!, code, slots)
      code.byte(opSelect)
      return
    case 'branch':
      encodeExpression(e.c!, code, slots)
      code.append([opIf, typeCode[e.type]])
      encodeExpression(e.a!, code, slots)
      code.byte(opElse)
      encodeExpression(e.b!, code, slots)
      code.byte(opEnd)
      return
    default: {
      encodeExpression(e.a!, code, slots)
      if (e.b) encodeExpression(e.b, code, slots)
      if (e.type === 128) {
        code.byte(vectorPrefix)
        code.unsigned(vectorCodes[e.operation]!)
        return
      }
      code.byte(opcodes[e.operation]![e.a!.type === 64 ? 1 : 0])
    }
  }
}
