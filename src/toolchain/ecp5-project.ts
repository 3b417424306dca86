import { registerSchema } from '../board/register-schema.ts'
import type { BoardProfile } from './board-profile.ts'
import { type BuildInput, buildIdText } from './source-hash.ts'

/** Makefile and instructions for Yosys, nextpnr-ecp5 and ecppack. */
export function ecp5Project(board: BoardProfile, { sources, build }: BuildInput): Map<string, string> {
  const { name, top, device, package: packaged, clock, constraints } = board
  const speed = 6
  const makefile = `# ${board.title}: make gives ${name}.bit and ${name}.json. Needs yosys, nextpnr-ecp5, ecppack and node.
SOURCES = ${[...sources.keys()].join(' \\\n  ')}

${name}.json: ${name}.bit
\tnode manifest.mjs ${name}.bit report.json

${name}.bit: ${name}.config
\tecppack --compress --input $< --bit $@

${name}.config: netlist.json ${constraints}
\tnextpnr-ecp5 --${device} --package ${packaged} --speed ${speed} --freq ${clock / 1e6} --seed 1 \\
\t  --json $< --lpf ${constraints} --textcfg $@ --report report.json

netlist.json: $(SOURCES)
\tyosys -q -p "read_verilog -sv $(SOURCES); chparam -set BUILD 64'h${buildIdText(build)} -set SCHEMA 32'h${registerSchema.toString(16)} ${top}; synth_ecp5 -top ${top} -json $@"

clean:
\trm -f ${name}.bit ${name}.json ${name}.config netlist.json report.json
.PHONY: clean
`
  const readme = `${board.title} (${board.fpga}), build id ${buildIdText(build)}

Needs Yosys 0.23 or newer, nextpnr-ecp5, ecppack (Project Trellis) and Node. Run make here. It fails when the clock of
${clock / 1e6} MHz is not met. Then: gemgate flash ${name} ${name}.bit

This bitstream was not built by the makers of gemgate, and nothing of it is proven on hardware.
`
  return new Map([
    ['Makefile', makefile],
    ['README.txt', readme],
  ])
}
