import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runYosys } from '@yowasp/yosys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBoard } from '../../src/toolchain/boards.ts'
import { ecp5Project } from '../../src/toolchain/ecp5-project.ts'
import { readManifest } from '../../src/toolchain/manifest.ts'
import { manifestScript } from '../../src/toolchain/manifest-script.ts'
import { buildIdText, buildInput } from '../../src/toolchain/source-hash.ts'
import { toolTree } from '../../src/toolchain/tool-run.ts'
import { vivadoProject } from '../../src/toolchain/vivado-project.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-project-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['ulx3s-85f', 'acorn', 'litefury'])('the project of %s', (name) => {
  const board = findBoard(name)
  const input = buildInput(board)
  const files = (board.flow === 'ecp5' ? ecp5Project : vivadoProject)(board, input)

  it('names every source, the constraints, the build id and the clock', () => {
    const script = files.get(board.flow === 'ecp5' ? 'Makefile' : 'build.tcl')!
    for (const source of [...input.sources.keys(), board.constraints, buildIdText(input.build)])
      expect(script).toContain(source)
    expect(script).toContain(board.device)
    expect(files.get('README.txt')).toMatch(/proven on hardware/)
  })

  // both PCIe boards have one top
  it.skipIf(name === 'litefury')('has a top whose modules and ports exist', async () => {
    // the cores that Vivado makes, and its primitives, as far as Yosys does not know them
    const cores = `(* blackbox *) module xdma_0 (input sys_clk, sys_rst_n, output user_lnk_up, output [3:0] pci_exp_txp, pci_exp_txn,
      input [3:0] pci_exp_rxp, pci_exp_rxn, output axi_aclk, axi_aresetn, input usr_irq_req, output usr_irq_ack,
      input [63:0] s_axis_c2h_tdata_0, input s_axis_c2h_tlast_0, s_axis_c2h_tvalid_0, output s_axis_c2h_tready_0,
      input [7:0] s_axis_c2h_tkeep_0, output [63:0] m_axis_h2c_tdata_0, output m_axis_h2c_tlast_0, m_axis_h2c_tvalid_0,
      input m_axis_h2c_tready_0, output [7:0] m_axis_h2c_tkeep_0, output [31:0] m_axil_awaddr, output [2:0] m_axil_awprot,
      output m_axil_awvalid, input m_axil_awready, output [31:0] m_axil_wdata, output [3:0] m_axil_wstrb,
      output m_axil_wvalid, input m_axil_wready, m_axil_bvalid, input [1:0] m_axil_bresp, output m_axil_bready,
      output [31:0] m_axil_araddr, output [2:0] m_axil_arprot, output m_axil_arvalid, input m_axil_arready,
      input [31:0] m_axil_rdata, input [1:0] m_axil_rresp, input m_axil_rvalid, output m_axil_rready); endmodule
    (* blackbox *) module h2c_clock (input s_axis_aresetn, m_axis_aresetn, s_axis_aclk, m_axis_aclk, s_axis_tvalid,
      output s_axis_tready, input [63:0] s_axis_tdata, output m_axis_tvalid, input m_axis_tready,
      output [63:0] m_axis_tdata); endmodule
    (* blackbox *) module c2h_clock (input s_axis_aresetn, m_axis_aresetn, s_axis_aclk, m_axis_aclk, s_axis_tvalid,
      output s_axis_tready, input [63:0] s_axis_tdata, input [7:0] s_axis_tkeep, input s_axis_tlast, output m_axis_tvalid,
      input m_axis_tready, output [63:0] m_axis_tdata, output [7:0] m_axis_tkeep, output m_axis_tlast); endmodule`
    const libraries =
      board.flow === 'ecp5' ? ['ecp5/cells_bb.v'] : ['xilinx/cells_sim.v', 'xilinx/cells_xtra.v']
    const script = [
      `read_verilog -sv ${[...input.sources.keys()].join(' ')} cores.v`,
      ...libraries.map((library) => `read_verilog -lib +/${library}`),
      `hierarchy -check -top ${board.top}`,
    ].join('; ')
    const tree = { ...toolTree(input.sources), 'cores.v': cores }
    await runYosys(['-q', '-p', script], tree, { stdout: null, stderr: null })
  })

  it('makes a manifest that gemgate reads, and none when the timing is missed', async () => {
    const write = (file: string, text: string): void => writeFileSync(join(folder, file), text)
    write('manifest.mjs', manifestScript(board, input))
    write('image.bit', 'some bits')
    write('good', board.flow === 'ecp5' ? '{"fmax":{"a":{"achieved":65.5},"b":{"achieved":80}}}' : '0.733\n')
    write('bad', board.flow === 'ecp5' ? '{"fmax":{"a":{"achieved":12}}}' : '-0.02\n')
    const run = (timing: string): number | null =>
      spawnSync(process.execPath, ['manifest.mjs', 'image.bit', timing], { cwd: folder }).status
    expect(run('bad')).toBe(1)
    expect(run('good')).toBe(0)
    const manifest = await readManifest(join(folder, `${name}.json`))
    expect(manifest).toMatchObject({
      board: name,
      buildId: buildIdText(input.build),
      image: {
        file: 'image.bit',
        bytes: 9,
        sha256: createHash('sha256').update('some bits').digest('hex'),
      },
    })
    expect(manifest.fmax).toBeGreaterThan(board.clock)
    expect(manifest.slack).toBeCloseTo(1e9 / board.clock - 1e9 / manifest.fmax, 2)
  })
})
