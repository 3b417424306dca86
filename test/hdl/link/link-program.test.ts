import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Assembler } from '../../../src/gateware/link-program/assembler.ts'
import { linkProgram } from '../../../src/gateware/link-program/program.ts'
import { linkProgramVerilog } from '../../../src/gateware/link-program/verilog.ts'
import { root } from '../../support/hdl-files.ts'

describe('the program of the endpoint', () => {
  it('is what src/gateware/link-program makes', () => {
    expect(readFileSync(`${root}hdl/link/link_program.sv`, 'utf8')).toBe(linkProgramVerilog())
  })

  it('holds one word at an address, with room for the indexed words', () => {
    const addresses = linkProgram()
      .finish()
      .map(({ address }) => address)
    expect(addresses).toEqual(addresses.map((_, i) => i))
    expect(addresses.length).toBeLessThanOrEqual(496)
  })

  it('puts the arrays that it indexes on whole groups of eight, apart from all else', () => {
    const program = new Assembler()
    program.array('a')
    program.array('b')
    program.words({ v: 'X', w: 3 })
    program.load('a')
    program.store('b')
    program.increment('w')
    program.label('here')
    program.jumpUnless('frame', 'here')
    expect(program.finish()).toEqual([
      { address: 0, value: "16'h03F8", comment: 'LD a' },
      { address: 1, value: "16'h43F0", comment: 'ST b' },
      { address: 2, value: "16'h3005", comment: 'INC w' },
      { address: 3, value: "16'hCE03", comment: 'here: JMP here unless frame' },
      { address: 4, value: 'X', comment: 'v' },
      { address: 5, value: "16'h0003", comment: 'w' },
    ])
  })

  it('does not assemble what cannot run', () => {
    const broken: [(program: Assembler) => void, RegExp][] = [
      [(p) => p.jump('nowhere'), /no label nowhere/],
      [(p) => p.load('nothing'), /no variable nothing/],
      [(p) => [p.label('x'), p.label('x')], /x stands twice/],
      [(p) => p.words(Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`v${i}`, 0]))), /too long/],
    ]
    for (const [write, message] of broken)
      expect(() => {
        const program = new Assembler()
        write(program)
        program.finish()
      }).toThrow(message)
  })
})
