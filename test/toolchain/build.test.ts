import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BoardProfile } from '../../src/toolchain/board-profile.ts'
import { findBoard } from '../../src/toolchain/boards.ts'
import { buildBitstream } from '../../src/toolchain/build-bitstream.ts'
import { buildInput } from '../../src/toolchain/source-hash.ts'
import { root } from '../support/hdl-files.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-build-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A board with this body of its top module. */
function board(name: string, body: string, more: Partial<BoardProfile> = {}): [BoardProfile, string] {
  const place = join(folder, name)
  mkdirSync(join(place, 'hdl/board/ice40'), { recursive: true })
  cpSync(`${root}hdl/board/ice40/ram4k_map.v`, join(place, 'hdl/board/ice40/ram4k_map.v'))
  const header = `module top #(parameter logic [63:0] BUILD = 0, parameter logic [31:0] SCHEMA = 0)
(input wire clk, input wire uart_rx, output wire uart_tx);`
  writeFileSync(join(place, 'hdl/board/top.sv'), `${header}\n${body}\nendmodule\n`)
  writeFileSync(join(place, 'hdl/board/top.pcf'), 'set_io clk 35\nset_io uart_rx 6\nset_io uart_tx 9\n')
  const profile = {
    ...findBoard('icebreaker'),
    top: 'top',
    folders: ['hdl/board'],
    constraints: 'hdl/board/top.pcf',
    parameters: {},
    ...more,
  }
  return [profile, place]
}

const counter = `logic [7:0] n = 0; logic [15:0] m[256]; logic [15:0] q;
always_ff @(posedge clk) begin n <= n + 8'd1; if (uart_rx) m[n] <= {q[14:0], ^BUILD ^ (^SCHEMA)}; q <= m[~n]; end
assign uart_tx = q[15];`

describe('a build', () => {
  it('reports how far it is, and names everything that it was made of', async () => {
    const [profile, place] = board('good', counter)
    const fractions: number[] = []
    const first = await buildBitstream(profile, {
      root: place,
      onProgress: ({ fraction }) => fractions.push(fraction),
    })
    expect(fractions.length).toBeGreaterThan(20)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(first.manifest).toMatchObject({ seed: 1, resources: { blockRams: { used: 1, available: 30 } } })
    // everything that can be read of it is in the build id
    writeFileSync(
      join(place, 'hdl/board/top.pcf'),
      '# other\nset_io clk 35\nset_io uart_rx 6\nset_io uart_tx 9\n',
    )
    expect(buildInput(profile, place).sourceHash).not.toBe(first.manifest.sourceHash)
  })

  it('fails when the clock is missed, after all seeds', async () => {
    const [profile, place] = board('slow', counter, { clock: 400_000_000 })
    await expect(buildBitstream(profile, { root: place })).rejects.toMatchObject({
      code: 'GG_BUILD',
      message: expect.stringMatching(/runs at \d+\.\d+ MHz at most with 5 seeds, .* 400 MHz/),
    })
  })

  it('says what does not fit', async () => {
    const [profile, place] = board(
      'large',
      'logic [15:0] m[8192], q; logic [12:0] n = 0; always_ff @(posedge clk) begin n <= n + 1; m[n] <= {q[14:0], uart_rx}; q <= m[~n]; end assign uart_tx = q[15];',
    )
    await expect(buildBitstream(profile, { root: place })).rejects.toMatchObject({
      code: 'GG_BUILD',
      message: expect.stringMatching(/does not fit: it takes 32 of 30 block RAMs/),
    })
  })

  it.each([
    ['Yosys', 'assign uart_tx = nothing + ;', undefined, /^Yosys failed: .*syntax error/],
    ['nextpnr', counter, 'set_io clk 999\n', /^nextpnr failed: .*999/],
  ])('gives the words of %s when it fails', async (name, body, constraints, message) => {
    const [profile, place] = board(`bad-${name}`, body)
    if (constraints !== undefined) writeFileSync(join(place, 'hdl/board/top.pcf'), constraints)
    await expect(buildBitstream(profile, { root: place })).rejects.toMatchObject({
      code: 'GG_BUILD',
      message: expect.stringMatching(message),
    })
  })

  it('stops when it is told to', async () => {
    const [profile, place] = board('stopped', counter)
    const abort = new AbortController()
    const running = buildBitstream(profile, {
      root: place,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    })
    await expect(running).rejects.toThrow('enough')
  })

  it('is refused for boards of other flows', async () => {
    await expect(buildBitstream(findBoard('acorn'))).rejects.toMatchObject({ code: 'GG_USAGE' })
  })
})
