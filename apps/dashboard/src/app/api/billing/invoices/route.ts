import { listInvoices } from '#features/invoices/server/list-invoices.ts';
import { door } from '#server/door.ts';

export const GET = door('seats:read', ({ organization }) => listInvoices(organization));
