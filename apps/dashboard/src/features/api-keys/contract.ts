export type KeyScope = 'seats:read' | 'seats:change';

export interface ApiKeyBody {
  readonly id: string;
  readonly name: string;
  /** The beginning of the key, to tell it from others. */
  readonly hint: string;
  readonly scopes: readonly KeyScope[];
  readonly createdBy: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** To the minute; null: never. */
  readonly lastUsedAt: string | null;
}

/** GET /api/keys */
export interface ApiKeysBody {
  readonly keys: readonly ApiKeyBody[];
}

/** The answer of POST /api/keys: the only time that the key itself is shown. */
export interface NewKeyBody {
  readonly key: string;
  readonly created: ApiKeyBody;
}
