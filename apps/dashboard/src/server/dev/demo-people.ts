/** Whom the demo lets a visitor be. Each has that role in every organization of the demo; the stranger has none anywhere. */
export const demoPeople = {
  owner: { id: 'demo-owner', name: 'Olivia Owner', email: 'owner@demo.example' },
  admin: { id: 'demo-admin', name: 'Adam Admin', email: 'admin@demo.example' },
  member: { id: 'demo-member', name: 'Mia Member', email: 'member@demo.example' },
  operator: { id: 'demo-operator', name: 'Otto Operator', email: 'operator@demo.example' },
  stranger: { id: 'demo-stranger', name: 'Sam Stranger', email: 'stranger@demo.example' },
} as const;
