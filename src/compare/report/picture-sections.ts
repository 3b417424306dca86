import type { RecoilClass } from '../../frame/truth.ts'
import { count, percent } from './format.ts'
import { type Html, html } from './html.ts'
import { pictureSvg } from './overlay.ts'
import type { CropGroup, CropPicture, FramePicture } from './picture-data.ts'
import { shortName } from './pictures.ts'
import { classColour } from './style.ts'

const groupTitle: Readonly<Record<CropGroup, string>> = {
  disagreement: 'Where devices disagree',
  nuclear: 'Classified as nuclear recoils',
  electron: 'Classified as electron recoils',
  other: 'Classified as other',
  wrong: 'The class that won is not the true one',
  missed: 'Missed: less than half of the light inside regions',
  false: 'Clusters where there is no light',
}

/** What the colours and marks of the pictures mean. */
export function legend(withTruth: boolean): Html {
  const key = (name: RecoilClass, text: string): Html =>
    html`<span class="entry"><span class="key" style="background:${classColour[name]}"></span>${text}</span>`
  return html`<p class="soft legend">Boxes are regions of interest in the colour of the class that won:
${key('nuclear', 'nuclear recoil (NR)')}${key('electron', 'electron recoil (ER)')}${key('other', 'other (alphas, muons, everything else)')}.
${withTruth && 'Four ticks surround the centre of the light of a simulated deposit, in the colour of its true class.'}</p>`
}

/** Whole frames, averaged down, two to a row. */
export function frameFigures(frames: readonly FramePicture[]): Html {
  return html`<div class="pair">
${frames.map((f) => {
  const { image } = f
  const kept = f.signalKept === null ? '' : `, ${percent(f.signalKept)} of the light kept`
  const mean = image.scale === 1 ? '' : `, ${image.scale} × ${image.scale} pixels averaged`
  const alt = `Frame ${f.frame} with ${count(f.boxes.length, 'region')} of interest`
  return html`<figure>${pictureSvg(image, f.boxes, f.truth, { zoom: drawingZoom(image.width), labels: true, alt })}
<figcaption><b>Frame ${f.frame}</b>: ${count(f.boxes.length, 'region')}, ${percent(f.areaDiscarded, 2)} of the area discarded${kept}.
${image.region.width} × ${image.region.height} pixels${mean}; white is ${image.white.toFixed(0)} ADU above pedestal${image.knee !== null && `, brightness compressed above ${image.knee.toFixed(0)} ADU`}.</figcaption></figure>`
})}
</div>`
}

/** Small frames are drawn larger, so that labels keep their size beside the picture. */
function drawingZoom(width: number): number {
  return Math.max(1, 576 / width)
}

/** Clusters from close by, grouped by why they are shown. */
export function cropFigures(crops: readonly CropPicture[]): Html {
  const groups = [...new Set(crops.map((crop) => crop.group))]
  return html`${groups.map(
    (group) => html`<h3>${groupTitle[group]}</h3>
<div class="crops">
${crops.filter((crop) => crop.group === group).map(cropFigure)}
</div>`,
  )}`
}

function cropFigure(crop: CropPicture): Html {
  const { image, winner, scores } = crop
  const alt = `Frame ${crop.frame}: ${crop.truthText ?? winner ?? 'cluster'}`
  const [nuclear, electron, other] = scores ?? []
  const head = winner === null ? 'no region' : `${shortName[winner]}, ${crop.energyText}`
  return html`<figure>${pictureSvg(image, crop.boxes, crop.truth, { zoom: 256 / image.width, labels: false, alt })}
<figcaption><b>${head}</b> · frame ${crop.frame}, ${image.region.width} px wide<br>
${scores !== null && html`scores NR ${nuclear}, ER ${electron}, other ${other}<br>`}
${crop.truthText !== null && html`truth: ${crop.truthText}`}
${crop.note !== null && html`<br>${crop.note}`}</figcaption></figure>`
}
