/**
 * The instruction set of hdl/macro/cluster_processor.sv, a 16-bit accumulator machine that works off macro-pixels.
 * `ClusterMachine` is its meaning.
 *
 * Registers: accumulator A and carry C; H, the upper half of a product; pointers P and Q (14 bits); loop counter N
 * (8 bits); four return addresses. Memory: up to 16384 words of 16 bits; program: up to 2048 words of 16 bits.
 *
 *   1 cccc ttttttttttt   jump to t on condition c (`jumps`)
 *   0 oooo mmm iiiiiiii  operation o (`operations`) on the operand of mode m with the signed immediate i
 *
 * An instruction takes 2 clocks; a product 17, a table word 3, a setting from 3, output and waiting as long as they must.
 */
export const operations = [
  /** A becomes the operand. */
  'lda',
  /** Memory becomes A. */
  'sta',
  /** A plus operand; with carry. C becomes the carry. */
  'add',
  'adc',
  /** A minus operand; minus one more unless C is set. C becomes 1 unless it borrows. */
  'sub',
  'sbc',
  'and',
  'or',
  /** H, A becomes A * operand + H, unsigned. C stays. */
  'mul',
  /** P, Q, N becomes the operand. */
  'ldp',
  'ldq',
  'ldn',
  /** Two bytes to the packet, the lower one first. */
  'out',
  /** A becomes the operand shifted right by one, with C or with its own sign on top; C what falls out. */
  'ror',
  'asr',
  /** One of `actions`, by the immediate of mode 0. In a stepping mode: steps the pointer. */
  'act',
] as const
export type Operation = (typeof operations)[number]

export const jumps = ['jmp', 'call', 'jz', 'jnz', 'jn', 'jp', 'jc', 'jnc', 'djnz'] as const
export type Jump = (typeof jumps)[number]

export const actions = [
  /** Back behind the last call. */
  'ret',
  /** Waits for a macro-pixel; lets it go. */
  'wait',
  'take',
  /** Waits until all bytes were taken, and stops. */
  'halt',
  /** A becomes the program word at P; P steps by one. */
  'lpm',
  /** C becomes 0 or 1, H becomes 0. */
  'clc',
  'sec',
  'clh',
  /** The lower byte of A to the packet. */
  'outb',
  /** The next byte pair is the last one of the packet. */
  'end',
] as const
export type Action = (typeof actions)[number]

/** Where an operand comes from. P and Q step after the access, by the immediate. */
export const modes = {
  immediate: 0,
  direct: 1,
  p: 2,
  q: 3,
  /** The immediate in the upper byte. */
  high: 4,
  port: 5,
  pStep: 6,
  qStep: 7,
} as const
export type Mode = (typeof modes)[keyof typeof modes]

/** Immediates of mode `port`; a register of the board is `settingPort` + its address, its upper half 32 beyond. */
export const ports = {
  a: 0,
  h: 1,
  p: 2,
  q: 3,
  /** The macro-pixel, both with their signs in 32 bits. */
  content0: 4,
  content1: 5,
  filtered0: 6,
  filtered1: 7,
  /** Bit 0: last one of its row, bit 1: of the frame. */
  last: 8,
  /** Addresses of memory.ts. */
  blocks: 9,
  records: 10,
  end: 11,
} as const
export const settingPort = 128

/** Words of program memory. */
export const programWords = 2048
/** Words of memory that P and Q reach. */
export const memoryWords = 16384
/** Return addresses that are kept. */
export const callDepth = 4

export function encodeJump(jump: Jump, target: number): number {
  return 0x8000 | (jumps.indexOf(jump) << 11) | target
}

export function encodeOperation(operation: Operation, mode: Mode, immediate: number): number {
  return (operations.indexOf(operation) << 11) | (mode << 8) | (immediate & 255)
}
