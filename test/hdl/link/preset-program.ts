import { readFileSync } from 'node:fs'
import { root } from '../../support/hdl-files.ts'

/**
 * The program of the endpoint with one change: the streams of a session count from `start` on, so that a test comes to
 * the end of 16 bits in time. For TX_SLOT_BITS 1; `slots` as the endpoint has them.
 */
export function presetProgram(start: number, slots: number): string {
  const text = readFileSync(`${root}hdl/link/link_program.sv`, 'utf8')
  const lines = [...text.matchAll(/words\[(\d+)\] = .*; {2}\/\/ (?:.*: )?(.*)/g)]
  const used = new Set(lines.map((line) => Number(line[1])))
  // The arrays at the end have eight words each, of which two are used with TX_SLOT_BITS 1.
  for (const array of [496, 504]) for (let i = 0; i < 2; i++) used.add(array + i)
  const free = Array.from({ length: 512 }, (_, i) => i).filter((address) => !used.has(address))
  const at = (comment: string): number => Number(lines.find((line) => line[2] === comment)![1])
  const [first, granted] = [free.pop()!, free.pop()!]
  const hook = at('INC sessions')
  const code = [
    first,
    ...['expected', 'first', 'next', 'sent', 'filled'].map((name) => 0x4000 | at(name)),
    granted,
    0x4000 | at('granted'),
    0x3000 | at('sessions'),
  ]
  const words = [`words[${first}] = 16'd${start};`, `words[${granted}] = 16'd${(start + slots) & 0xffff};`]
  // Free words are not next to each other: a jump leads from run to run.
  let entry: number | undefined
  while (code.length > 0) {
    const here = free.shift()!
    entry ??= here
    const follows = free[0] === here + 1
    words.push(`words[${here}] = 16'd${follows ? code.shift()! : 0x8000 | free[0]!};`)
  }
  words.push(`words[${free.shift()!}] = 16'd${0x8000 | (hook + 1)};`)
  const changed = text.replace(
    /words\[(\d+)\] = .*INC sessions/,
    `words[$1] = 16'd${0x8000 | entry!};  // preset`,
  )
  return changed.replace('  initial begin\n', `  initial begin\n    ${words.join('\n    ')}\n`)
}
