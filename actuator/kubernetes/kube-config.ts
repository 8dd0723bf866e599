import { KubeConfig, type RequestContext } from '@kubernetes/client-node';
import { KybernError } from '../../model/index.ts';

export interface KubernetesAccess {
  /** Path of a kubeconfig; '' takes the service account inside a cluster, else the default kubeconfig. */
  readonly kubeconfig: string;
  /** '' takes the current context. */
  readonly context: string;
  readonly timeoutSeconds: number;
}

// The client has no timeout of its own: a frozen server would hold a call for minutes. The signal is set where every
// call, but no watch, passes by.
class TimedKubeConfig extends KubeConfig {
  private readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super();
    this.timeoutMs = timeoutMs;
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    context.setSignal(AbortSignal.timeout(this.timeoutMs));
  }
}

/** Reads the access to a cluster. Rejects with KYBERN_CLUSTER where it is unreadable or names no such context. */
export function loadKubeConfig(access: KubernetesAccess): KubeConfig {
  const config = new TimedKubeConfig(access.timeoutSeconds * 1000);
  try {
    if (access.kubeconfig === '') config.loadFromDefault();
    else config.loadFromFile(access.kubeconfig);
  } catch (error) {
    throw new KybernError('KYBERN_CLUSTER', `the kubeconfig ${access.kubeconfig || '(default)'} cannot be read`, {
      cause: error,
    });
  }
  if (access.context !== '') {
    if (config.getContextObject(access.context) === null) {
      throw new KybernError('KYBERN_CLUSTER', `the kubeconfig has no context ${access.context}`);
    }
    config.setCurrentContext(access.context);
  }
  if (config.getCurrentCluster() === null) {
    throw new KybernError('KYBERN_CLUSTER', `the kubeconfig ${access.kubeconfig || '(default)'} names no cluster`);
  }
  return config;
}
