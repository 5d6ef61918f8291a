import { noSuch } from '../http/errors.ts';
import { createdFilter, createdMatches, listFields, listPage } from '../http/list.ts';
import { clearable, flag, id, listOf, mergeMetadata, metadata, notModelled, required, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';
import type { ProductRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';
import { expand } from './common.ts';

const described = {
  expand,
  active: flag,
  description: clearable(text),
  images: listOf(text, 8),
  metadata,
  shippable: flag,
  statement_descriptor: clearable(text),
  tax_code: notModelled(),
  unit_label: clearable(text),
  url: clearable(text),
};

export const productRoutes: Route[] = [
  route({
    method: 'POST',
    pattern: '/v1/products',
    params: { ...described, id, name: required(id), type: text, default_price_data: notModelled() },
    run: ({ unit, params }) => {
      const product: ProductRow = {
        id: params.id ?? unit.newId('prod'),
        object: 'product',
        active: params.active ?? true,
        created: unit.now,
        default_price: null,
        description: params.description ?? null,
        images: params.images ?? [],
        livemode: false,
        marketing_features: [],
        metadata: mergeMetadata({}, params.metadata),
        name: params.name,
        package_dimensions: null,
        shippable: params.shippable ?? null,
        statement_descriptor: params.statement_descriptor ?? null,
        tax_code: null,
        tax_details: null,
        type: 'service',
        unit_label: params.unit_label ?? null,
        updated: unit.now,
        url: params.url ?? null,
      };
      unit.store.products.put(product);
      unit.emit('product.created', { ...product });
      return { ...product };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/products/:id',
    params: { expand },
    run: ({ unit, ids }) => ({ ...findProduct(unit, ids.id ?? '') }),
  }),
  route({
    method: 'POST',
    pattern: '/v1/products/:id',
    params: { ...described, name: id, default_price: id },
    run: ({ unit, ids, params }) => {
      const before = findProduct(unit, ids.id ?? '');
      const after: ProductRow = {
        ...before,
        active: params.active ?? before.active,
        default_price: params.default_price ?? before.default_price ?? null,
        description: params.description === undefined ? before.description : params.description,
        images: params.images ?? before.images,
        metadata: mergeMetadata(before.metadata, params.metadata),
        name: params.name ?? before.name,
        unit_label: params.unit_label === undefined ? (before.unit_label ?? null) : params.unit_label,
        updated: unit.now,
      };
      unit.store.products.put(after);
      unit.emitChange('product.updated', { ...before }, { ...after });
      return { ...after };
    },
  }),
  route({
    method: 'GET',
    pattern: '/v1/products',
    params: {
      ...listFields,
      expand,
      active: flag,
      created: createdFilter,
      ids: listOf(id),
      url: text,
      shippable: flag,
    },
    run: ({ unit, params }) => ({
      ...listPage(
        {
          table: unit.store.products,
          params,
          url: '/v1/products',
          kind: 'product',
          matches: (row) =>
            (params.active === undefined || row.active === params.active) &&
            (params.ids === undefined || params.ids.includes(row.id)) &&
            createdMatches(params.created, row.created),
        },
        (row) => ({ ...row }),
      ),
    }),
  }),
];

function findProduct(unit: Unit, productId: string): ProductRow {
  const product = unit.store.products.get(productId);
  if (product === undefined) throw noSuch('product', productId, { path: true });
  return product;
}
