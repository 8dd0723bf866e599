/** Plain state of a token bucket: tokens at a time. */
export interface TokenBucket {
  tokens: number;
  atMs: number;
}

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Seconds until the bucket has something to give, 0 where it has now. What is taken is known only after it was decoded,
 * so a bucket with anything in it lets a body of any size in and goes into debt; the next one waits it out.
 */
export function waitSeconds(bucket: TokenBucket, rate: Rate, nowMs: number): number {
  refill(bucket, rate, nowMs);
  return bucket.tokens > 0 ? 0 : (1 - bucket.tokens) / rate.perSecond;
}

export function spend(bucket: TokenBucket, rate: Rate, items: number, nowMs: number): void {
  refill(bucket, rate, nowMs);
  bucket.tokens -= items;
}

// A clock that goes backwards gives nothing and takes nothing.
function refill(bucket: TokenBucket, rate: Rate, nowMs: number): void {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.perSecond) / 1000);
  bucket.atMs = Math.max(bucket.atMs, nowMs);
}
