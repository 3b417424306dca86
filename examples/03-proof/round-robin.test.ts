import { compareEngines, waveform } from 'gemgate/sim'
import { expect, test } from 'vitest'
import RoundRobin from './round_robin.sv'

test('everyone who asks is served in turn', async () => {
  const dut = await RoundRobin.simulate()
  await dut.applyReset()
  dut.in.request = 0b1011
  const grants: number[] = []
  for (let i = 0; i < 6; i++) {
    await dut.clock()
    grants.push(dut.out.grant)
  }
  expect(grants).toEqual([1, 2, 8, 1, 2, 8])
  dut.in.request = 0
  await expect(dut).toReach({ grant: 0 }, { within: 2 })
})

test('a failing test shows what happened', async () => {
  const dut = await RoundRobin.simulate()
  dut.in.request = 0b0110
  await dut.clock(4)
  // the same picture is in the message of every failing matcher, and a VCD file is written
  expect(waveform(dut, { last: 4 })).toContain('grant')
})

test('the asserts hold for all inputs, not only for those of a test', async () => {
  const proof = await RoundRobin.prove({ depth: 10, reset: 'rst' })
  expect(proof.status, proof.message).toBe('proven')
})

test('Verilator sees the same outputs', async ({ skip }) => {
  const own = await RoundRobin.compile()
  const other = await RoundRobin.compile({ engine: 'verilator' }).catch(({ code, message }) => {
    if (code === 'GG_TOOL_MISSING') return skip(message)
    throw new Error(message)
  })
  const { difference, cycles } = compareEngines(own, other, { cycles: 2000, seed: 1 })
  expect(difference).toBeUndefined()
  expect(cycles).toBe(2000)
})
