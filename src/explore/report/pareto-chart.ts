import type { Html } from '../../compare/report/html.ts'
import { drawChart, textColour } from '../../compare/report/vega-chart.ts'
import { decisiveBin, decisiveFigures } from '../costs.ts'
import type { ClassifierPoint } from '../exploration.ts'
import type { EnergyFigures, Figure } from '../study.ts'

/** What a chart shows of physics. */
export interface Measure {
  readonly title: string
  readonly of: (figures: EnergyFigures) => Figure
}

const range = `${decisiveBin.lowKeVee}-${decisiveBin.highKeVee} keVee`

export const aucMeasure: Measure = { title: `AUC, ${range}`, of: ({ auc }) => auc }
export const efficiencyMeasure: Measure = {
  title: `NR kept at 90 % rejection, ${range}`,
  of: ({ nrAt90 }) => nrAt90,
}

/** Colours that are told apart without red-green vision. */
const groups = {
  'network, unrolled': '#f07b2a',
  'network, folded': '#3d95e6',
  trees: '#7d5fc4',
} as const

/**
 * Physics against LUTs: points of the front filled, other synthesized ones pale, those that are only estimated hollow;
 * shipped ones are named.
 */
export function paretoChart(points: readonly ClassifierPoint[], { title, of }: Measure): Promise<Html> {
  const values = points.flatMap((point) => {
    const { physics, estimate, synthesis, shipped, onFront } = point
    if (physics === null || estimate === null) return []
    const { value, error } = of(decisiveFigures(physics))
    const luts = synthesis === null ? estimate.luts : synthesis.luts + synthesis.lutRams
    const state = onFront ? 'front' : synthesis === null ? 'estimated' : 'synthesized'
    return [{ luts, value, low: value - error, high: value + error, group: groupOf(point), state, shipped }]
  })
  const x = {
    field: 'luts',
    type: 'quantitative' as const,
    title: 'LUTs',
    scale: { type: 'log' as const, nice: false, padding: 12 },
    axis: { format: '~s', tickCount: 6 },
  }
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    title,
    scale: { zero: false, padding: 12 },
  }
  const color = {
    field: 'group',
    type: 'nominal' as const,
    scale: { domain: Object.keys(groups), range: Object.values(groups) },
    legend: { title: null, symbolOpacity: 1, symbolType: 'circle' as const },
  }
  const only = (state: string) => [{ filter: `datum.state == '${state}'` }]
  const shipped = [{ filter: 'datum.shipped != null' }]
  return drawChart(
    {
      width: 500,
      height: 320,
      data: { values },
      layer: [
        {
          transform: only('estimated'),
          mark: { type: 'point', size: 22, opacity: 0.45, strokeWidth: 1 },
          encoding: { x, y, color },
        },
        {
          transform: only('synthesized'),
          mark: { type: 'point', filled: true, size: 34, opacity: 0.4 },
          encoding: { x, y, color },
        },
        {
          transform: only('front'),
          mark: { type: 'point', filled: true, size: 52, opacity: 1 },
          encoding: { x, y, color },
        },
        {
          transform: shipped,
          mark: { type: 'rule', strokeWidth: 1.2 },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
        },
        {
          transform: shipped,
          mark: { type: 'point', shape: 'diamond', size: 190, color: textColour, strokeWidth: 1.8 },
          encoding: { x, y },
        },
        {
          transform: shipped,
          mark: { type: 'text', align: 'left', dx: 10, dy: 14, color: textColour },
          encoding: { x, y, text: { field: 'shipped' } },
        },
      ],
    },
    `${title} against LUTs`,
  )
}

function groupOf({ classifier, hardware }: ClassifierPoint): keyof typeof groups {
  if (classifier.kind === 'trees') return 'trees'
  return hardware.architecture === 'unrolled' ? 'network, unrolled' : 'network, folded'
}
