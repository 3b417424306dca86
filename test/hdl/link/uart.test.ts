import { describe, expect, it } from 'vitest'
import { UartRx, UartTx } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { simulateLink } from './link-simulation.ts'
import { serialLine } from './serial-line.ts'

const divisors = [4, 5, 7, 8, 16]
const randomBytes = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.integer(256))

describe.each(divisors)('uart_rx at %i clocks per bit', (divisor) => {
  it('gives a byte for one clock, in the middle of its stop bit', async () => {
    const dut = await simulateLink('uart_rx', { DIVISOR: divisor })
    const line = new UartTx(dut, 'rx', { divisor })
    await dut.clock(20)
    line.send([0x55, 0xc3])
    for (const byte of [0x55, 0xc3]) {
      await dut.rising('m_valid', { limit: 11 * divisor })
      expect(dut).toOutput({ m_valid: 1, m_data: byte, framing_error: 0 })
      await dut.clock()
      expect(dut.out.m_valid).toBe(0)
    }
  })

  /** Puts any levels on the line, by words: these are millions of clocks. */
  const receive = async (line: readonly number[]): Promise<{ bytes: number[]; errors: number }> => {
    const { simulation } = await simulateLink('uart_rx', { DIVISOR: divisor })
    const { words, stepFunction: step } = simulation
    const [rx, valid, data, error] = ['rx', 'm_valid', 'm_data', 'framing_error'].map((name) =>
      simulation.word(name),
    ) as [number, number, number, number]
    const bytes: number[] = []
    let errors = 0
    for (const level of [...Array(20).fill(1), ...line, ...Array(12 * divisor).fill(1)]) {
      words[rx] = level
      step()
      if (words[valid] !== 0) bytes.push(words[data]!)
      errors += words[error]!
    }
    return { bytes, errors }
  }

  it('takes bytes back to back and with any gaps, also when the clocks differ by 2 %', async () => {
    const random = new Random(divisor)
    for (const drift of [0.98, 1, 1.02]) {
      const bytes = randomBytes(random, 300)
      const line = serialLine(bytes, divisor * drift, () =>
        random.integer(2) === 0 ? 0 : random.uniform() * 30,
      )
      expect(await receive(line)).toEqual({ bytes, errors: 0 })
    }
  })

  it('does not see a disturbance of one clock, wherever it is; from 8 on also when the clocks differ', async () => {
    const rest = Array(2 * divisor).fill(1)
    for (const drift of divisor >= 8 ? [0.98, 1, 1.02] : [1]) {
      const line: number[] = []
      const bytes: number[] = []
      for (const byte of [0x55, 0xaa, 0x00, 0xff, 0x12]) {
        const clean = serialLine([byte], divisor * drift)
        for (let at = 0; at < clean.length; at++) {
          line.push(...rest, ...clean, ...rest)
          line[line.length - rest.length - clean.length + at]! ^= 1
          bytes.push(byte)
        }
      }
      expect(await receive(line), `drift ${drift}`).toEqual({ bytes, errors: 0 })
    }
  })

  it('takes bits that are 4 % longer or 2 % shorter, at every phase', async () => {
    const bytes = randomBytes(new Random(divisor + 300), 64)
    const levels = serialLine(bytes, 1)
    for (const stretch of [0.98, 1, 1.04])
      for (let phase = 0; phase < 1; phase += 0.1) {
        const count = Math.floor(levels.length * divisor * stretch - phase)
        const line = Array.from(
          { length: count },
          (_, t) => levels[Math.floor((t + phase) / (divisor * stretch))]!,
        )
        expect(await receive(line), `${stretch} ${phase}`).toEqual({ bytes, errors: 0 })
      }
  })

  it('reports a missing stop bit, gives no byte for it, and waits for the line to rest', async () => {
    const bytes = [0x12, 0xff, 0x80]
    const broken: number[] = Array(25 * divisor).fill(0)
    const rest: number[] = Array(divisor).fill(1)
    const line = [
      ...serialLine(bytes, divisor, () => 0),
      ...broken,
      ...rest,
      ...serialLine(bytes, divisor, () => 0),
    ]
    expect(await receive(line)).toEqual({ bytes: [...bytes, ...bytes], errors: 1 })
  })

  it('goes on after a burst of noise', async () => {
    const random = new Random(divisor + 200)
    const bytes = randomBytes(random, 20)
    const noise = Array.from({ length: 400 }, () => random.integer(2))
    const rest: number[] = Array(12 * divisor).fill(1)
    const { bytes: got } = await receive([...noise, ...rest, ...serialLine(bytes, divisor, () => 0)])
    expect(got.slice(-bytes.length)).toEqual(bytes)
  })
})

describe.each(divisors)('uart_tx at %i clocks per bit', (divisor) => {
  it('sends bytes that a receiver understands', async () => {
    const dut = await simulateLink('uart_tx', { DIVISOR: divisor })
    const line = new UartRx(dut, 'tx', { divisor })
    for (const byte of [0x55, 0x00, 0xff]) {
      await dut.until('s_ready')
      Object.assign(dut.in, { s_valid: 1, s_data: byte })
      await dut.clock()
      dut.in.s_valid = 0
    }
    expect(await line.receive(3)).toEqual([0x55, 0x00, 0xff])
  })

  it('sends what serialLine says, each bit for the same time, and rests at 1', async () => {
    const dut = await simulateLink('uart_tx', { DIVISOR: divisor })
    const random = new Random(divisor)
    const bytes = randomBytes(random, 60)
    const line: number[] = []
    let at = 0
    let expected: number[] = []
    for (let clock = 0; clock < 60 * 14 * divisor; clock++) {
      const offers = at < bytes.length && (at % 8 !== 0 || random.integer(20) === 0)
      Object.assign(dut.in, { s_valid: Number(offers), s_data: offers ? bytes[at]! : random.integer(256) })
      if (offers && dut.out.s_ready === 1) {
        expected = [
          ...expected.concat(Array(line.length + 1 - expected.length).fill(1)),
          ...serialLine([bytes[at]!], divisor),
        ]
        at++
      }
      line.push(Number(dut.out.tx))
      dut.run(1)
    }
    expect(at).toBe(bytes.length)
    expect(line.slice(0, expected.length)).toEqual(expected)
    expect(line.slice(expected.length).every((level) => level === 1)).toBe(true)
    expect(line.length).toBeGreaterThan(expected.length)
  })

  it('sends back to back when bytes wait', async () => {
    const dut = await simulateLink('uart_tx', { DIVISOR: divisor })
    const items = randomBytes(new Random(1), 10)
    const { sources } = dut.stream({ source: { valid: 's_valid', ready: 's_ready', data: 's_data' }, items })
    expect([...sources[0]!.times]).toEqual(items.map((_, i) => 10 * divisor * i))
  })
})
