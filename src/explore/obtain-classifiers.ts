import { sha256 } from './point-store.ts'
import {
  type ClassifierChoice,
  type ClassifierSettings,
  classifierName,
  type HardwareSettings,
} from './settings.ts'
import type { ClassifierPhysics, ShippedClassifier, Study } from './study.ts'
import type { Failure } from './tasks.ts'
import type { Workshop } from './workshop.ts'

/** A trained classifier and the forms of logic that are wanted of it. */
export interface ObtainedClassifier {
  readonly settings: ClassifierSettings
  readonly forms: readonly HardwareSettings[]
  /** Where gemgate ships it: the name, and the form. */
  readonly shipped: { readonly name: string; readonly hardware: HardwareSettings } | null
  /** The file as base64; null where training failed. */
  readonly onnx: string | null
  readonly physics: ClassifierPhysics | null
  readonly failure: Failure | null
}

/**
 * The shipped classifiers, then those of the choices, trained and scored. A choice with the settings of a shipped one
 * takes the shipped file.
 * @param asked the choices, and the identity of the study's classifiers
 */
export async function obtainClassifiers(
  study: Study,
  workshop: Workshop,
  {
    identity,
    classifiers: choices,
  }: { readonly identity: string; readonly classifiers: readonly ClassifierChoice[] },
): Promise<ObtainedClassifier[]> {
  const forms = new Map<string, HardwareSettings[]>()
  const wanted = new Map<string, ClassifierSettings>()
  for (const { classifier, hardware } of choices) {
    const name = classifierName(classifier)
    wanted.set(name, classifier)
    forms.set(name, [...(forms.get(name) ?? []), hardware])
  }
  for (const { settings } of study.shipped) wanted.delete(classifierName(settings))
  const shipped = await scoreShipped(study, identity, workshop)
  const trained = await train(identity, workshop, [...wanted.values()])
  return [...shipped, ...trained].map((classifier) => ({
    ...classifier,
    forms: formsOf(classifier, forms.get(classifierName(classifier.settings)) ?? []),
  }))
}

type Obtained = Omit<ObtainedClassifier, 'forms'>

async function scoreShipped({ shipped }: Study, identity: string, workshop: Workshop): Promise<Obtained[]> {
  const encode = ({ onnx }: ShippedClassifier): string => Buffer.from(onnx).toString('base64')
  const outcomes = await workshop.all(
    'score',
    shipped.map((classifier) => ({
      task: { do: 'score', onnx: encode(classifier) },
      description: { score: sha256(classifier.onnx), study: identity },
    })),
  )
  return shipped.map((classifier, at) => {
    const { name, hardware, settings } = classifier
    const outcome = outcomes[at]!
    return {
      settings,
      shipped: { name, hardware },
      onnx: encode(classifier),
      physics: 'result' in outcome ? outcome.result : null,
      failure: 'failure' in outcome ? outcome.failure : null,
    }
  })
}

async function train(
  identity: string,
  workshop: Workshop,
  wanted: readonly ClassifierSettings[],
): Promise<Obtained[]> {
  const outcomes = await workshop.all(
    'train',
    wanted.map((classifier) => ({
      task: { do: 'train', classifier },
      description: { train: classifier, study: identity },
    })),
  )
  return wanted.map((settings, at) => {
    const outcome = outcomes[at]!
    return {
      settings,
      shipped: null,
      ...('result' in outcome ? outcome.result : { onnx: null, physics: null }),
      failure: 'failure' in outcome ? outcome.failure : null,
    }
  })
}

/** The form in which it is shipped comes first, and once. */
function formsOf({ shipped }: Obtained, asked: readonly HardwareSettings[]): HardwareSettings[] {
  if (shipped === null) return [...asked]
  const others = asked.filter((form) => JSON.stringify(form) !== JSON.stringify(shipped.hardware))
  return [shipped.hardware, ...others]
}
