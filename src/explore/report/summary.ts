import { decisiveFigures } from '../costs.ts'
import type { ClassifierPoint, Exploration, ShippedVerdict } from '../exploration.ts'

/** Points on the front, the best AUC first. */
export function frontPoints({ points }: Exploration): ClassifierPoint[] {
  const auc = ({ physics }: ClassifierPoint): number => decisiveFigures(physics!).auc.value
  return points.filter(({ onFront }) => onFront).sort((a, b) => auc(b) - auc(a))
}

/** What came out, sentence by sentence. */
export function summaryLines(exploration: Exploration): string[] {
  const { points, synthesized, frontSize, shipped, trigger } = exploration
  const failed = [...points, ...trigger].filter(({ failure }) => failure !== null)
  return [
    ...(points.length === 0
      ? []
      : [
          `${points.length} points, ${synthesized} synthesized (Yosys, ${exploration.family}), ${frontSize} of them on the front.`,
        ]),
    ...shipped.map((verdict) => shippedLine(exploration, verdict)),
    ...failed.map(({ name, failure }) => `${name} came to nothing: ${failure!.code}: ${failure!.message}`),
  ]
}

function shippedLine({ points }: Exploration, { name, onFront, dominatedBy }: ShippedVerdict): string {
  const own = points.find(({ shipped }) => shipped === name)!
  if (onFront) {
    const equal = points.filter((point) => isSmallerEqual(point, own)).map((point) => point.name)
    const remark =
      equal.length === 0 ? '' : `; as good within the errors, with less logic: ${equal.join('; ')}`
    return `${name}, which is shipped, lies on the front${remark}.`
  }
  const best = dominatedBy
    .map((other) => points.find((point) => point.name === other)!)
    .map((point) => `${point.name} (${difference(point, own)})`)
  return `${name}, which is shipped, does not lie on the front; better are: ${best.join('; ')}.`
}

/** Whether a point needs less logic and no AUC is worse by more than the standard error. */
function isSmallerEqual(point: ClassifierPoint, own: ClassifierPoint): boolean {
  if (point.physics === null || point.synthesis === null || luts(point) >= luts(own)) return false
  return own.physics!.bins.every(({ auc }, i) => point.physics!.bins[i]!.auc.value >= auc.value - auc.error)
}

function luts({ synthesis }: ClassifierPoint): number {
  return synthesis!.luts + synthesis!.lutRams
}

function difference(point: ClassifierPoint, own: ClassifierPoint): string {
  const auc = (of: ClassifierPoint) => decisiveFigures(of.physics!).auc
  const gain = auc(point).value - auc(own).value
  return `AUC higher by ${gain.toFixed(4)} where one standard error is ${auc(own).error.toFixed(4)}, ${luts(own) - luts(point)} LUTs fewer`
}
