import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { registerMemoryVerilog } from '../../../src/board/register-memory-verilog.ts'
import { registerSchema } from '../../../src/board/register-schema.ts'
import { type RegisterName, registerAddress, registerDeclarations } from '../../../src/board/registers.ts'
import { Random } from '../../../src/core/random.ts'
import { root } from '../../support/hdl-files.ts'
import { pulse } from '../../support/stage.ts'
import { access } from './register-access.ts'
import { simulateMacro } from './simulate-macro.ts'

const [build, capability] = [0xdeadbeef, 0x00123456]
let simulation: Simulation

const read = (name: RegisterName): number => access(simulation, registerAddress.get(name)!)
const write = (name: RegisterName, value: number): void => {
  access(simulation, registerAddress.get(name)!, value)
}

/** What a register is after a reset. */
function afterReset({ name, reset }: { name: string; reset: number }): number {
  if (name === 'schema') return registerSchema
  if (name === 'build') return build
  return name === 'capability' ? capability : reset
}

beforeEach(async () => {
  simulation = await simulateMacro('macro_registers', { BUILD: build, CAPABILITY: capability })
  simulation.step(64)
})

describe('macro_registers', () => {
  it('holds the register table of src/board/registers.ts', () => {
    expect(readFileSync(`${root}hdl/macro/register_memory.sv`, 'utf8')).toBe(registerMemoryVerilog())
  })

  it('is after a reset as the table says, whatever was written before', () => {
    for (const declaration of registerDeclarations)
      expect(read(declaration.name), declaration.name).toBe(afterReset(declaration))
    const random = new Random(1)
    for (let address = 0; address < 32; address++) access(simulation, address, random.uint32())
    pulse(simulation, 'rst')
    for (const declaration of registerDeclarations)
      expect(read(declaration.name), declaration.name).toBe(afterReset(declaration))
  })

  it('keeps the bits that a register has of what was written, but not to registers that are only read', () => {
    const random = new Random(2)
    for (let round = 0; round < 20; round++) {
      const values = registerDeclarations.map(() => random.uint32())
      registerDeclarations.forEach(({ name }, i) => {
        write(name, values[i]!)
      })
      registerDeclarations.forEach((declaration, i) => {
        const wanted =
          declaration.access === 'read' ? afterReset(declaration) : values[i]! % 2 ** declaration.bits
        expect(read(declaration.name), declaration.name).toBe(wanted)
      })
    }
  })

  it('counts frames until a reset or `forget`', () => {
    for (let frame = 1; frame <= 300; frame++) {
      pulse(simulation, 'frame_done')
      if (frame % 50 === 0) expect(read('frames')).toBe(frame)
      simulation.step(2)
    }
    write('width', 77)
    pulse(simulation, 'frame_done')
    pulse(simulation, 'forget')
    expect(read('frames')).toBe(0)
    expect(read('width')).toBe(77)
    pulse(simulation, 'frame_done')
    expect(read('frames')).toBe(1)
    pulse(simulation, 'rst')
    expect(read('frames')).toBe(0)
    expect(read('width')).toBe(0)
  })

  it('gives settings to the logic one clock after the request, before the host', () => {
    write('threshold_low', 123456)
    write('height', 99)
    simulation.set('cfg_request', 1)
    for (const name of ['threshold_low', 'height', 'binning'] as const) {
      simulation.set('cfg_address', registerAddress.get(name)!)
      simulation.set('reg_valid', 1)
      simulation.set('reg_write', 0)
      simulation.set('reg_address', registerAddress.get('schema')!)
      simulation.step()
      expect(simulation.get('reg_ready')).toBe(0)
      expect(simulation.get('cfg_data')).toBe({ threshold_low: 123456, height: 99, binning: 4 }[name])
    }
    simulation.set('cfg_request', 0)
    expect(read('schema')).toBe(registerSchema)
  })

  it('tells writes to reset and to the table of gains, and no others', () => {
    const strobes = (name: RegisterName, value: number): string => {
      simulation.set('reg_valid', 1)
      simulation.set('reg_write', 1)
      simulation.set('reg_address', registerAddress.get(name)!)
      simulation.set('reg_write_data', value)
      simulation.settle()
      const names = ['strobe_reset', 'gain_rewind', 'gain_write'].filter((port) => simulation.get(port) === 1)
      simulation.step()
      simulation.settle()
      for (const port of ['strobe_reset', 'gain_rewind', 'gain_write']) expect(simulation.get(port)).toBe(0)
      simulation.set('reg_valid', 0)
      simulation.step()
      return names.join()
    }
    for (const { name } of registerDeclarations)
      if (name !== 'reset' && name !== 'table') expect(strobes(name, 2), name).toBe('')
    expect(strobes('reset', 1)).toBe('strobe_reset')
    expect(strobes('table', 2)).toBe('gain_rewind')
    expect(strobes('table_word', 5)).toBe('gain_write')
    expect(strobes('table', 1)).toBe('gain_rewind')
    expect(strobes('table_word', 5)).toBe('')
    pulse(simulation, 'rst')
    simulation.step(70)
    expect(strobes('table_word', 5)).toBe('')
  })
})
