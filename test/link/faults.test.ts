import { describe, expect, it } from 'vitest'
import { faultCampaign } from '../../bench/link/faults.ts'
import { WriteLog } from '../../bench/link/write-log.ts'
import { faultKinds } from '../../sim/board/lossy-carrier.ts'
import { deviceWithoutCrc, deviceWithoutSequence } from './blind-devices.ts'

describe.each(['bytes', 'records'] as const)('a bad line of %s', (framing) => {
  it('loses, doubles and invents nothing, and every call ends', async () => {
    const result = await faultCampaign({ faults: 2000, seed: 3, framing })
    expect(result).toMatchObject({ framesLost: 0, framesDuplicated: 0, wrongWrites: 0, hangs: 0 })
    expect(result.injected).toBeGreaterThanOrEqual(2000)
    for (const kind of faultKinds) expect([kind, result.faults[kind] > 0]).toEqual([kind, true])
    expect(Object.keys(result.errors)).toEqual(expect.arrayContaining(['GG_LINK_LOST', 'GG_LINK_RESET']))
    expect(result.errors).not.toHaveProperty('GG_LINK_PROTOCOL')
    expect(result.messagesSent).toBeGreaterThan(300)
    expect(result.eventsReceived).toBeGreaterThan(300)
    expect(result.registersWritten).toBeGreaterThan(10_000)
    expect(result.registersRead).toBeGreaterThan(1000)
  })

  it('does the same for the same seed', async () => {
    const campaign = () => faultCampaign({ faults: 100, seed: 9, framing })
    expect(await campaign()).toEqual(await campaign())
  })
})

describe('the checker', () => {
  it('finds what a device without CRC check does', async () => {
    const result = await faultCampaign({ faults: 300, seed: 4, framing: 'bytes', device: deviceWithoutCrc })
    expect(result.framesLost).toBeGreaterThan(0)
    expect(result.wrongWrites).toBeGreaterThan(0)
  })

  it('finds what a device without sequence check does', async () => {
    const rates = { double: 0.05, dropChunk: 0.05 }
    const result = await faultCampaign({
      faults: 300,
      seed: 5,
      framing: 'bytes',
      rates,
      device: deviceWithoutSequence,
    })
    expect(result.framesLost + result.framesDuplicated).toBeGreaterThan(0)
    expect(result.wrongWrites).toBeGreaterThan(0)
  })

  it('tells executions that are right from those that are not', () => {
    const log = new WriteLog()
    const certain = (...values: number[]): void => log.begin(values)()
    certain(1, 2)
    log.begin([3, 4])
    certain(5)
    for (const right of [
      [1, 2, 5],
      [1, 2, 3, 5],
      [1, 2, 4, 5],
      [1, 2, 3, 4, 5],
    ])
      expect([right, log.mistakes(right)]).toEqual([right, 0])
    for (const [wrong, mistakes] of [
      [[1, 2], 1],
      [[1, 5], 1],
      [[], 3],
      [[1, 1, 2, 5], 1],
      [[1, 2, 5, 3], 1],
      [[1, 2, 3, 3, 5], 1],
      [[1, 2, 9, 5], 1],
      [[2, 1, 5], 2],
    ] as const)
      expect([wrong, log.mistakes(wrong)]).toEqual([wrong, mistakes])
  })
})
