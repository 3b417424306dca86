import { describe, expect, it } from 'vitest'
import { assemble } from '../../../src/gateware/cluster-program/assembler.ts'
import { columnBase, memoryLayout, symbols } from '../../../src/gateware/cluster-program/memory.ts'

const names = new Map([
  ['here', 12],
  ['there', 100],
])
const one = (text: string): number => assemble(text, names).words[0]!

describe('assemble', () => {
  it.each([
    ['lda #-1', 0x00ff],
    ['sta here', 0x090c],
    ['add there+2', 0x1166],
    ['sub [p+here-2]', 0x220a],
    ['and [q]', 0x3300],
    ['or ^255', 0x3cff],
    ['mul [q]+1', 0x4701],
    ['step [p]-4', 0x7efc],
    ['ldn %a', 0x5d00],
    ['lda $width.0', 0x0584],
    ['lda $width.1', 0x05a4],
    ['ret', 0x7800],
    ['end', 0x7809],
    ['word 65535', 0xffff],
  ])('encodes %s', (text, word) => {
    expect(one(text)).toBe(word)
  })

  it('finds labels in both directions, and tables', () => {
    const { words, labels } = assemble(
      'a:\n jmp b ; far\n\nlpa t\nb:\n djnz a\nt:\n table x',
      names,
      new Map([['x', [1, -1]]]),
    )
    expect([...labels]).toEqual([
      ['a', 0],
      ['b', 3],
      ['t', 4],
    ])
    expect([...words]).toEqual([0x8003, 0x0400, 0x1004, 0xc000, 1, 0xffff])
  })

  it.each([
    ['lda #128', 'outside -128 to 127'],
    ['lda 128', 'outside 0 to 127'],
    ['lda [p+128]', 'outside'],
    ['sta #1', 'cannot have the operand'],
    ['step [p+1]', 'cannot have the operand'],
    ['add $width.0', 'settings can only be loaded'],
    ['lda nowhere', 'no symbol nowhere'],
    ['lda $nothing.0', 'no register nothing'],
    ['lda %z', 'no port z'],
    ['lda', 'is no number'],
    ['hop 1', 'no instruction hop'],
    ['jmp c', 'no label c'],
    ['table y', 'no table y'],
    ['a:\na:', 'stands twice'],
  ])('names the line of a mistake in %j', (text, message) => {
    expect(() => one(text)).toThrow(message)
    expect(() => one(text)).toThrow(/^line [12] of a program/)
  })

  it('refuses a program that does not fit', () => {
    expect(assemble('ret\n'.repeat(2048), names).words).toHaveLength(2048)
    expect(() => assemble('ret\n'.repeat(2049), names)).toThrow('2049 words, and 2048 fit')
  })
})

describe('memory', () => {
  it('has its variables below the columns', () => {
    for (const [name, address] of symbols) expect(address, name).toBeLessThan(columnBase)
    expect(symbols.get('head')).toBe(symbols.get('state'))
  })

  it('ends within what a pointer reaches, for the largest logic', () => {
    expect(memoryLayout(256, 4)).toEqual({ blocks: 384, records: 724, end: 1364 })
    expect(memoryLayout(576, 8).end).toBeLessThan(16384)
    expect(memoryLayout(1024, 8).end).toBeLessThan(16384)
  })
})
