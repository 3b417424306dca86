import type { CompiledNetwork } from '../network/compile.ts'
import type { SynthesisCount } from '../toolchain/synthesize.ts'
import type { Verification } from './network-verify.ts'
import type { Output } from './output.ts'

/** For programs: the contents of network.json. */
export function networkDocument(
  network: CompiledNetwork,
  measured: Readonly<Record<string, SynthesisCount>>,
  verified: Verification | undefined,
): Record<string, unknown> {
  const { certificate, module, stages } = network
  const { luts, ffs, dsps, brams } = module.resources
  const rounded = { luts: Math.round(luts), ffs: Math.round(ffs), dsps, brams }
  return {
    name: network.name,
    nodes: certificate.perNode.length,
    class: certificate.class,
    oracle: certificate.oracle,
    certificate: { perNode: certificate.perNode },
    estimate: { ...rounded, latencyCycles: module.latency, interval: module.interval },
    layers: network.layers,
    stages: stages.map(({ layers, module: stage }) => ({
      module: stage.name,
      layers,
      architecture: stage.architecture,
      input: stage.input,
      output: stage.output,
      latencyCycles: stage.latency,
      interval: stage.interval,
      ...stage.resources,
    })),
    ports: {
      input: { ...network.graph.inputs[0], stream: module.input },
      output: { ...network.graph.outputs[0], stream: module.output },
    },
    ...(Object.keys(measured).length === 0 ? {} : { measured }),
    ...(verified === undefined ? {} : { verified }),
  }
}

/** For people. */
export function printNetwork(
  output: Output,
  network: CompiledNetwork,
  measured: Readonly<Record<string, SynthesisCount>>,
  verified: Verification | undefined,
  folder: string | undefined,
  files: readonly string[],
): void {
  const { certificate, module } = network
  for (const node of certificate.perNode)
    output.text(`  exact ${node.class}  ${node.operator} '${node.node}': ${node.reason}`)
  for (const { layers, module: stage } of network.stages) {
    const { luts, ffs, dsps, brams } = stage.resources
    const what = layers.length === 0 ? 'adapter' : `${stage.architecture} ${layers.join(', ')}`
    output.text(
      `  ${stage.name}: ${what}: ${Math.round(luts)} LUT, ${Math.round(ffs)} FF, ${dsps} multipliers, ${brams} block RAMs; ${latencyText(stage.latency)}, interval ${stage.interval}`,
    )
  }
  const { luts, ffs, dsps, brams } = module.resources
  output.text(
    `${network.name}: class ${certificate.class} under '${certificate.oracle}'; estimated ${Math.round(luts)} LUT, ${Math.round(ffs)} FF, ${dsps} multipliers, ${brams} block RAMs, latency ${latencyText(module.latency)}, one tensor in ${clocks(module.interval)}`,
  )
  for (const [family, count] of Object.entries(measured))
    output.text(
      `  Yosys ${family}: ${count.luts} LUT, ${count.ffs} FF, ${count.dsps} multipliers, ${count.brams} block RAMs, ${count.lutRams} LUT RAMs`,
    )
  if (verified !== undefined)
    output.text(
      `${verified.inputs} inputs: ${verified.differences} differences between specification, simulated Verilog and ${verified.against}`,
    )
  if (folder !== undefined)
    output.text(`${files.length} files in ${folder}; test bench ${network.name}_tb.sv`)
}

function clocks(count: number): string {
  return count === 1 ? '1 clock' : `${count} clocks`
}

/** From the last input beat to the last output beat. */
function latencyText(latency: number): string {
  return latency < 0 ? `last result ${clocks(-latency)} before the last input beat` : clocks(latency)
}
