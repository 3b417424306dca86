/** A piece of WebAssembly code. */
export type Code = readonly number[]

export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return bytes
}

/** A 32-bit constant. */
export function constant(value: number): number[] {
  const bytes = [0x41]
  let rest = value | 0
  for (;;) {
    const low = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

export const get = (local: number): number[] => [0x20, ...unsigned(local)]
export const set = (local: number, value: Code): number[] => [...value, 0x21, ...unsigned(local)]

/** The word at a fixed address, or at an offset from a computed one. */
export const load = (address: number, base: Code = constant(0)): number[] => [
  ...base,
  0x28,
  2,
  ...unsigned(address),
]
export const store = (address: number, value: Code, base: Code = constant(0)): number[] => [
  ...base,
  ...value,
  0x36,
  2,
  ...unsigned(address),
]

const binary = (opcode: number) => (a: Code, b: Code) => [...a, ...b, opcode]
export const equal = binary(0x46)
export const differs = binary(0x47)
export const above = binary(0x4b)
export const atLeast = binary(0x4f)
export const add = binary(0x6a)
export const subtract = binary(0x6b)
export const multiply = binary(0x6c)
export const and = binary(0x71)
export const xor = binary(0x73)
export const shiftLeft = binary(0x74)
export const rotateLeft = binary(0x77)
export const isZero = (a: Code): number[] => [...a, 0x45]
/** 1 for any value but 0. */
export const truth = (a: Code): number[] => [...a, 0x45, 0x45]
export const call = (index: number): number[] => [0x10, ...unsigned(index)]
export const when = (condition: Code, then: Code, otherwise: Code = []): number[] =>
  otherwise.length === 0
    ? [...condition, 0x04, 0x40, ...then, 0x0b]
    : [...condition, 0x04, 0x40, ...then, 0x05, ...otherwise, 0x0b]
/** `then` or `otherwise`, both numbers. */
export const choose = (condition: Code, then: Code, otherwise: Code): number[] => [
  ...condition,
  0x04,
  0x7f,
  ...then,
  0x05,
  ...otherwise,
  0x0b,
]
export const giveBack = (value: Code): number[] => [...value, 0x0f]
/** The body again and again, until it gives something back. */
export const forever = (body: Code): number[] => [0x03, 0x40, ...body, 0x0c, 0, 0x0b, 0x00]

interface Function {
  readonly parameters: number
  readonly results: number
  readonly locals: number
  readonly code: Code
}

const text = (value: string): number[] => {
  const bytes = [...new TextEncoder().encode(value)]
  return [...unsigned(bytes.length), ...bytes]
}

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()]

const numbers = (count: number): number[] => vector(Array.from({ length: count }, () => [0x7f]))

const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content]

/**
 * A module that works on a design: imports `memory`, `step()` as function 0 and `settle()` as function 1, and exports the
 * last of its own functions as `run`.
 */
export function moduleOn(functions: readonly Function[]): Uint8Array {
  const types = functions.map((f) => [0x60, ...numbers(f.parameters), ...numbers(f.results)])
  const bodies = functions.map(({ locals, code }) => {
    const body = [...(locals > 0 ? [1, ...unsigned(locals), 0x7f] : [0]), ...code, 0x0b]
    return [...unsigned(body.length), ...body]
  })
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, 0, 0], ...types])),
    ...section(
      2,
      vector([
        [...text('design'), ...text('memory'), 2, 0, 1],
        [...text('design'), ...text('step'), 0, 0],
        [...text('design'), ...text('settle'), 0, 0],
      ]),
    ),
    ...section(3, vector(functions.map((_, i) => unsigned(i + 1)))),
    ...section(7, vector([[...text('run'), 0, ...unsigned(functions.length + 1)]])),
    ...section(10, vector(bodies)),
  ])
}
