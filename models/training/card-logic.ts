import type { Family } from '../../src/toolchain/synthesize.ts'
import { featureFormat } from '../../src/trigger/features.ts'
import { type Lines, table } from './card-table.ts'
import type { FeatureModelReport } from './report.ts'

const familyNames: Readonly<Record<Family, string>> = {
  ice40: 'iCE40 (-dsp)',
  ecp5: 'ECP5',
  xc7: 'Xilinx 7-series',
}

/** Why the integers are exact. */
export function exactnessSection({
  certificate,
  onnxRuntime,
}: Pick<FeatureModelReport, 'certificate' | 'onnxRuntime'>): Lines {
  return [
    '## Exactness',
    `Certificate class ${certificate.class}, oracle \`${certificate.oracle}\`: power-of-two scales, no accumulator reaches 2^24, so ` +
      `every float32 sum of ONNX Runtime is exact. On the test samples ONNX Runtime ${onnxRuntime.version} gave ` +
      `${onnxRuntime.differences} of ${onnxRuntime.scores} scores different from the integers.`,
    table(
      ['node', 'operator', 'class', 'largest integer'],
      certificate.perNode.map((node) => [node.node, node.operator, node.class, `${node.bound}`]),
    ),
  ]
}

/** @param made a sentence on where the Verilog comes from, without its end */
export function logicSection({ verilog }: FeatureModelReport, made: string): Lines {
  return [
    '## Logic',
    `${made}, ${verilog.clocks} clocks from features to scores, the next cluster after ${verilog.interval}. Yosys, not placed:`,
    table(
      ['', 'LUT and carry', 'flip-flop', 'multiplier', 'block RAM', 'LUT as RAM'],
      Object.entries(verilog.area).map(([family, { luts, ffs, dsps, brams, lutRams }]) => [
        familyNames[family as Family],
        ...[luts, ffs, dsps, brams, lutRams].map(String),
      ]),
    ),
  ]
}

/** How much of int8 the features use. */
export function featureSection({ features }: FeatureModelReport): Lines {
  return [
    '## Features',
    'Steps of int8 over the test clusters; saturated values carry only a bound.',
    table(
      ['feature', '1 %', 'median', '99 %', 'at -128', 'at 127'],
      features.map((use) => [
        featureFormat[use.feature]!.name,
        `${use.low}`,
        `${use.median}`,
        `${use.high}`,
        `${(100 * use.saturatedLow).toFixed(2)} %`,
        `${(100 * use.saturatedHigh).toFixed(2)} %`,
      ]),
    ),
  ]
}
