import { describe, expect, it } from 'vitest'
import { Scoreboard } from '../../../../sim/verilog/index.ts'

describe('a scoreboard', () => {
  it('shows the first difference with its neighbours, and what may have been lost', () => {
    const board = new Scoreboard<number>({ name: 'pixels' })
    board.expect(1, 2, 3, 4, 5, 6)
    board.receive(1, 2, 3)
    expect(() => board.receive(5)).toThrow(
      'pixels: item 3 differs\n' +
        '  [1] expected 2, received 2\n' +
        '  [2] expected 3, received 3\n' +
        '> [3] expected 4, received 5\n' +
        '  [4] expected 5, received -\n' +
        '  [5] expected 6, received -\n' +
        'what came was expected at 4: 1 lost?',
    )
  })

  it('compares deeply, in whatever order the two sides come', () => {
    const board = new Scoreboard<{ id: number; data: Uint8Array }>()
    board.receive({ id: 1, data: Uint8Array.of(1, 2) })
    board.expect({ id: 1, data: Uint8Array.of(1, 2) })
    expect([board.expected, board.received, board.missing]).toEqual([1, 1, 0])
    board.finish()
    board.receive({ id: 2, data: Uint8Array.of() })
    expect(() => board.expect({ id: 2, data: Uint8Array.of(0) })).toThrow('item 1 differs')
  })

  it('says at the end what is missing or too much', () => {
    const board = new Scoreboard<string>({ show: (text) => `<${text}>` })
    board.expect(...'abcdefghijkl')
    board.receive('a')
    expect(() => board.finish()).toThrow('11 of 12 items are missing: [1] <b>, [2] <c>')
    expect(() => board.finish()).toThrow('[8] <i> and 3 more')
    const other = new Scoreboard<string>()
    other.receive('x')
    expect(() => other.finish()).toThrow("1 of 1 items came and were not expected: [0] 'x'")
  })

  it('may let items come in any order', () => {
    const board = new Scoreboard<number>({ ordered: false, equal: (a, b) => a === b })
    board.expect(1, 2, 2, 3)
    board.receive(3, 2, 7)
    board.expect(7)
    expect(board.missing).toBe(2)
    expect(() => board.finish()).toThrow('2 of 5 items are missing: [0] 1, [2] 2')
    board.receive(2, 1)
    board.finish()
    board.receive(1)
    expect(() => board.finish()).toThrow('1 of 6 items came and were not expected: [5] 1')
  })
})
