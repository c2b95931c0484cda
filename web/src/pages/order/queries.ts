// One order's receipt.
import { useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

export const useReceipt = (id: string) =>
  useQuery({
    queryKey: ['receipt', id],
    queryFn: () => must(get('/api/orders/{id}/receipt', { params: { path: { id } } })),
  });
