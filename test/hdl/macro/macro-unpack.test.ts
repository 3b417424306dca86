import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { decodeMacroPixels } from '../../../src/trigger/macro-bytes.ts'
import { type Item, paces, pulse, runStage, unsigned } from '../../support/stage.ts'
import { simulateMacro } from './simulate-macro.ts'

const source = { valid: 's_axis_tvalid', ready: 's_axis_tready', data: ['s_axis_tdata'] }
const sink = { valid: 'm_valid', ready: 'm_ready', data: ['m_content', 'm_search'] }

const expected = (bytes: Uint8Array): Item[] => {
  const { content, search } = decodeMacroPixels(bytes)
  return Array.from(content, (c, i) => [unsigned(c, 18), unsigned(search[i]!, 18)])
}

describe('macro_unpack', () => {
  it('equals decodeMacroPixels() at every pace, also after bytes that a reset cut off', async () => {
    const simulation = await simulateMacro('macro_unpack')
    const random = new Random(1)
    for (let run = 0; run < 40; run++) {
      const bytes = Uint8Array.from({ length: 5 * (1 + random.integer(60)) }, () => random.integer(256))
      const items = Array.from(bytes, (byte) => [byte])
      const finished = (outputs: readonly Item[]): boolean => outputs.length >= bytes.length / 5
      const pauses = paces[run % paces.length]!
      expect(runStage(simulation, { source, sink, items, pauses, random, finished })).toEqual(expected(bytes))
      simulation.set('s_axis_tvalid', 1)
      simulation.step(random.integer(5))
      simulation.set('s_axis_tvalid', 0)
      pulse(simulation, 'rst')
    }
  })
})
