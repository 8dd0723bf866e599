import { readFileSync } from 'node:fs';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  loadAllYaml,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import { stand } from './stand.ts';

export const controlPlaneScript = 'kubernetes/kubernetes';

export interface ControlPlane {
  readonly kubeconfig: string;
  /** Of the fake nodes: usage, faults, metrics. */
  readonly controlUrl: string;
  readonly admin: KubeConfig;
  readonly apps: AppsV1Api;
  readonly core: CoreV1Api;
  command(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** A fresh control plane of its own: state in `run`, ports from `port` on. */
export async function startControlPlane(run: string, port: number): Promise<ControlPlane> {
  const environment = { STAND_RUN: run, STAND_KUBE_PORT: String(port), STAND_AUDIT: '1' };
  const command = (...args: readonly string[]) => stand(controlPlaneScript, args, environment);
  await command('start', '--fresh');
  const exported = await command('env');
  const exportedValue = (name: string) => new RegExp(`${name}=["']?([^"'\\n;]+)`).exec(exported)?.[1] ?? '';
  const kubeconfig = exportedValue('KUBECONFIG');
  const admin = new KubeConfig();
  admin.loadFromFile(kubeconfig);
  return {
    kubeconfig,
    controlUrl: exportedValue('STAND_CONTROL_URL'),
    admin,
    apps: admin.makeApiClient(AppsV1Api),
    core: admin.makeApiClient(CoreV1Api),
    command,
    stop: async () => void (await command('stop')),
  };
}

/** Creates every object of a manifest, as the admin. */
export async function applyFile({ admin }: ControlPlane, path: string): Promise<void> {
  const objects = KubernetesObjectApi.makeApiClient(admin);
  for (const object of loadAllYaml(readFileSync(path, 'utf8'))) await objects.create(object);
}

/** Lets Kybern's account act in a namespace, as the head of deploy/rbac.yaml says. */
export async function bindActuator({ admin }: ControlPlane, namespace: string): Promise<void> {
  await admin.makeApiClient(RbacAuthorizationV1Api).createNamespacedRoleBinding({
    namespace,
    body: {
      metadata: { name: 'kybern-actuator' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kybern-actuator' },
      subjects: [{ kind: 'ServiceAccount', name: 'kybern', namespace: 'kybern' }],
    },
  });
}

/** A Deployment of two pods with one container `main`: 250m/1 CPU, 128Mi/256Mi memory. */
export async function deployApp(
  { apps }: ControlPlane,
  app: { namespace: string; name: string; labels?: Record<string, string>; annotations?: Record<string, string> },
): Promise<void> {
  const { namespace, name, labels = {}, annotations = {} } = app;
  const selector = { app: name };
  const resources = { requests: { cpu: '250m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } };
  await apps.createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name, labels, annotations },
      spec: {
        replicas: 2,
        selector: { matchLabels: selector },
        template: {
          metadata: { labels: selector },
          spec: { containers: [{ name: 'main', image: 'registry.example/app:1', resources }] },
        },
      },
    },
  });
}
