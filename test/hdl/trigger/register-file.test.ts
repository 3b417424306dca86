import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { registerSchema } from '../../../src/board/register-schema.ts'
import { registerAddress, registerDeclarations } from '../../../src/board/registers.ts'
import { Random } from '../../../src/core/random.ts'
import { simulateStage } from '../../support/simulations.ts'

const writable = registerDeclarations.filter(({ access }) => access !== 'read')
const strobes = registerDeclarations.filter(({ access }) => access === 'strobe')
const mask = (bits: number): number => 2 ** bits - 1

function read(simulation: Simulation, address: number): number {
  simulation.set('address', address)
  simulation.set('read', 1)
  simulation.step()
  simulation.set('read', 0)
  return Number(simulation.get('read_data'))
}

function write(simulation: Simulation, address: number, value: number): void {
  simulation.set('address', address)
  simulation.set('write_data', value)
  simulation.set('write', 1)
  simulation.step()
  simulation.set('write', 0)
}

describe('register_file', () => {
  it('holds after reset what the declarations say, on the wires too', async () => {
    const simulation = await simulateStage('register_file')
    for (const { name, reset } of writable) {
      expect(read(simulation, registerAddress.get(name)!), name).toBe(reset)
      expect(simulation.get(`cfg_${name}`), name).toBe(reset)
    }
    for (let address = registerDeclarations.length; address < 32; address++)
      expect(read(simulation, address)).toBe(0)
  })

  it('is a memory of registers: a write changes one, in its declared bits, and nothing else', async () => {
    const simulation = await simulateStage('register_file')
    const random = new Random(1)
    const held = new Map<number, number>(
      writable.map(({ name, reset }) => [registerAddress.get(name)!, reset]),
    )
    for (let run = 0; run < 400; run++) {
      const address = random.integer(32)
      const value = random.uint32()
      write(simulation, address, value)
      const declared = registerDeclarations[address]
      if (held.has(address)) held.set(address, value % (mask(declared!.bits) + 1))
      for (const strobe of strobes)
        expect(simulation.get(`strobe_${strobe.name}`)).toBe(Number(strobe === declared))
      for (const [at, expected] of held) expect(read(simulation, at)).toBe(expected)
      for (const { name } of writable)
        expect(simulation.get(`cfg_${name}`)).toBe(held.get(registerAddress.get(name)!))
      for (const strobe of strobes) expect(simulation.get(`strobe_${strobe.name}`)).toBe(0)
    }
  })

  it('shows build and frame count, which writes do not touch, and keeps read data between reads', async () => {
    const simulation = await simulateStage('register_file')
    simulation.set('status_build', 0xdeadbeef)
    simulation.set('status_frames', 77)
    for (const name of ['schema', 'build', 'frames'] as const)
      write(simulation, registerAddress.get(name)!, 1)
    expect(read(simulation, registerAddress.get('schema')!)).toBe(registerSchema)
    expect(read(simulation, registerAddress.get('build')!)).toBe(0xdeadbeef)
    expect(read(simulation, registerAddress.get('frames')!)).toBe(77)
    simulation.set('address', 3)
    simulation.step(5)
    expect(simulation.get('read_data')).toBe(77)
  })
})
