import { GemgateError } from '../../../src/core/errors.ts'
import type { Port } from '../compiler/layout.ts'
import { type Elaborated, plainName } from './elaborated.ts'

/** A port, and what the C++ class of the model calls it. */
export interface ModelPort extends Port {
  readonly member: string
}

/** Word 0 says that something waits to be reported, 1 and 2 count cycles; ports start on a cache line of their own. */
const firstPortWord = 16

/**
 * The ports of a design, from the header that Verilator made and its reading of the sources.
 * @throws GemgateError GG_VERILATOR for a port that is not a plain vector
 */
export function modelPorts(header: string, elaborated: Elaborated): ModelPort[] {
  const members = new Map<string, { member: string; output: boolean; width: number }>()
  for (const match of header.matchAll(/^\s*VL_(IN|OUT)(?:8|16|64|W)?\(&(\w+),(\d+),(\d+)(?:,\d+)?\);/gm)) {
    const [, direction, member, high, low] = match
    members.set(plainName(member!), {
      member: member!,
      output: direction === 'OUT',
      width: Number(high) - Number(low) + 1,
    })
  }
  let word = firstPortWord
  return elaborated.ports.map(({ name, signed }) => {
    const found = members.get(name)
    if (!found)
      throw new GemgateError(
        'GG_VERILATOR',
        `the port ${name} of ${elaborated.top} is neither an input nor an output of plain bits`,
        'Write a module around it that has packed inputs and outputs.',
      )
    const { member, output, width } = found
    const port: ModelPort = {
      name,
      direction: output ? 'output' : 'input',
      width,
      signed,
      word,
      registered: !output,
      clock: elaborated.clocks.has(name),
      member,
    }
    word += Math.ceil(width / 32)
    return port
  })
}
