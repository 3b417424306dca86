import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { stuff } from '../../../src/link/hdlc.ts'
import { simulateLink } from './link-simulation.ts'

/** Bytes with many flags and escapes among them. */
const awkward = (random: Random): number =>
  random.integer(2) === 0 ? random.integer(256) : [0x7e, 0x7d, 0x5e, 0x5d][random.integer(4)]!

/** What hdlc_rx is to make of bytes: numbers are bytes of frames. */
function reference(bytes: readonly number[]): (number | 'end' | 'abort')[] {
  const beats: (number | 'end' | 'abort')[] = []
  let escaped = false
  for (const byte of bytes) {
    if (byte === 0x7e) beats.push(escaped ? 'abort' : 'end')
    else if (byte !== 0x7d || escaped) beats.push(escaped ? byte ^ 0x20 : byte)
    escaped = byte === 0x7d && !escaped
  }
  return beats
}

describe('hdlc_rx', () => {
  it('gives for any bytes what the reference gives, whoever pauses', async () => {
    const simulation = await simulateLink('hdlc_rx')
    const random = new Random(1)
    const bytes = Array.from({ length: 6000 }, () => awkward(random))
    const beats: unknown[] = []
    for (let at = 0; at < bytes.length; simulation.step()) {
      const valid = random.integer(4) !== 0
      simulation.set('s_valid', Number(valid))
      simulation.set('s_data', valid ? bytes[at]! : random.integer(256))
      simulation.set('m_ready', Number(random.integer(3) !== 0))
      simulation.settle()
      if (simulation.get('m_valid') === 1 && simulation.get('m_ready') === 1) {
        const end = simulation.get('m_end') === 1
        beats.push(end ? (simulation.get('m_abort') === 1 ? 'abort' : 'end') : simulation.get('m_data'))
      }
      if (valid && simulation.get('s_ready') === 1) at++
    }
    expect(beats).toEqual(reference(bytes))
    expect(new Set(beats).size).toBe(258)
  })
})

describe('hdlc_tx', () => {
  it('sends frames as stuff() does, and without pauses when none are made', async () => {
    const simulation = await simulateLink('hdlc_tx')
    for (const pauses of [false, true]) {
      const random = new Random(2)
      const frames = Array.from({ length: 200 }, () =>
        Uint8Array.from({ length: 1 + random.integer(30) }, () => awkward(random)),
      )
      const input = frames.flatMap((frame) =>
        [...frame].map((byte, i) => [byte, Number(i === frame.length - 1)]),
      )
      const output: number[] = []
      const expected = frames.flatMap((frame) => [...stuff(frame)])
      let clocks = 0
      for (let at = 0; output.length < expected.length && clocks < 100_000; clocks++) {
        const valid = at < input.length && !(pauses && random.integer(3) === 0)
        simulation.set('s_valid', Number(valid))
        simulation.set('s_data', valid ? input[at]![0]! : random.integer(256))
        simulation.set('s_last', valid ? input[at]![1]! : random.integer(2))
        simulation.set('m_ready', Number(!(pauses && random.integer(3) === 0)))
        simulation.settle()
        if (simulation.get('m_valid') === 1 && simulation.get('m_ready') === 1)
          output.push(Number(simulation.get('m_data')))
        if (valid && simulation.get('s_ready') === 1) at++
        simulation.step()
      }
      expect(output).toEqual(expected)
      if (!pauses) expect(clocks).toBe(expected.length)
    }
  })
})
