import value from 'in-a-layer'; export const handler = async () => value;
