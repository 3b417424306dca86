import type { AdderGraph, InputRange } from './adder-graph.ts'
import { emitAdderGraph, inputSignal, type VerilogSignal } from './verilog.ts'

/** A combinational module of an adder graph: inputs `x0` ..., outputs `y0` ..., all of their exact widths. */
export function adderGraphModule(graph: AdderGraph, inputs: readonly InputRange[], name: string): string {
  const ports = inputs.map((range, i): VerilogSignal => ({ name: `x${i}`, ...inputSignal(range) }))
  const { lines, outputs } = emitAdderGraph(
    graph,
    inputs.map((range, i) => ({ name: `x${i}`, range })),
    'v',
  )
  const port = (direction: string, { name, bits, signed }: VerilogSignal): string =>
    `    ${direction} wire ${signed ? 'signed ' : ''}[${bits - 1}:0] ${name}`
  const results = outputs.map((output, j) => ({ ...output, name: `y${j}` }))
  return `\`default_nettype none
module ${name} (
${[...ports.map((signal) => port('input ', signal)), ...results.map((signal) => port('output', signal))].join(',\n')}
);
${[...lines, ...outputs.map((output, j) => `assign y${j} = ${output.name};`)].map((line) => `  ${line}`).join('\n')}
endmodule
\`default_nettype wire
`
}
