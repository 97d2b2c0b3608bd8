package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.uber.org/zap"

	"headwatch/alert"
)

// inbound hands a request to its channel and carries out what people order in it.
func (d *desk) inbound(ctx context.Context, channel string, header http.Header, body []byte) (status int, why string) {
	in, ok := d.channels.inbound[channel]
	if !ok {
		return http.StatusNotFound, "there is no channel of this name that takes requests"
	}
	actions, err := in.Receive(header, body, time.Now())
	if rejection, ok := errors.AsType[*alert.Rejection](err); ok {
		return rejection.Status, rejection.Why
	}
	for _, a := range actions {
		if err == nil {
			err = d.heed(ctx, a)
		}
	}
	if err != nil {
		d.log.Error("order of a channel not carried out", zap.String("channel", channel), zap.Error(err))
		return http.StatusServiceUnavailable, "it could not be put on record; send it again"
	}
	return http.StatusOK, ""
}
